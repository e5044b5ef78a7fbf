package dev.longshore.swarm.source;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RetryPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Registries by the names that image references use. Thread-safe. */
public final class Registries implements AutoCloseable {

  /** Host and optional port, as references and {@code ns=} carry it; safe as a folder's name. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9a-fA-F:.]{2,45}\\])(?::[0-9]{1,5})?");

  /** Few and quick: whoever asks has other ways, or asks again by itself. */
  private static final RetryPolicy RETRIES =
      new RetryPolicy(3, Duration.ofMillis(200), Duration.ofSeconds(2));

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final Map<String, URI> configured;
  private final CredentialsSource credentials;
  private final String userAgent;
  private final ConcurrentHashMap<String, RegistryClient> clients = new ConcurrentHashMap<>();

  /**
   * Registries.
   *
   * @param configured where the named ones are reached; others at their own address
   * @param credentials what to log in with, asked by the registry's name
   * @throws IllegalArgumentException if a name or a URL cannot be one
   */
  public Registries(Map<String, URI> configured, CredentialsSource credentials, String userAgent) {
    this.configured = Map.copyOf(configured);
    this.credentials = credentials;
    this.userAgent = userAgent;
    // A wrong URL is found at start, not at the first pull.
    this.configured.forEach((name, url) -> {
      if (!isName(name)) {
        throw new IllegalArgumentException(
            "--upstream NAME=URL: expected a registry's name such as registry.example.com:5000,"
                + " found '"
                + name
                + "'");
      }
      clients.put(name, build(name, url));
    });
  }

  /** Whether this can be the name of a registry. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** What a request that names no registry means: the one configured, if it is one. */
  public Optional<String> only() {
    return configured.size() == 1
        ? Optional.of(configured.keySet().iterator().next())
        : Optional.empty();
  }

  /** The client of a registry, which lives as long as this object. */
  public RegistryClient client(String name) {
    return clients.computeIfAbsent(
        name, unknown -> build(unknown, RegistryClient.endpointOf(unknown)));
  }

  private RegistryClient build(String name, URI url) {
    return RegistryClient.builder(url)
        .credentials(endpoint -> credentials.forRegistry(name))
        .retries(RETRIES)
        .connectTimeout(CONNECT_TIMEOUT)
        .userAgent(userAgent)
        .build();
  }

  @Override
  public void close() {
    clients.values().forEach(RegistryClient::close);
  }
}
