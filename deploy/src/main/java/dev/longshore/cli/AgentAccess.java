package dev.longshore.cli;

import dev.longshore.cli.progress.AgentFigures;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryUnreachableException;
import dev.longshore.oci.client.RetryPolicy;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say through whom a registry is read. */
final class AgentAccess {
  private static final Duration FIGURES_TIMEOUT = Duration.ofSeconds(5);

  @Option(
      names = "--agent",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:7300",
      converter = AgentUrl.class,
      description = "the agent's mirror (default: ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private URI agent;

  @Option(names = "--direct", description = "straight from the registry, past any agent")
  private boolean direct;

  @Option(
      names = "--plain-http",
      description = "with --direct: speak HTTP to a registry that is not on a loopback address")
  private boolean plainHttp;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private RegistryLogins logins;

  /** A client of a registry by its name in references. */
  RegistryClient client(String registry) {
    return client(registry, false);
  }

  /**
   * As above.
   *
   * @param inTheClear whether the registry, if it is asked itself, was named without TLS
   */
  RegistryClient client(String registry, boolean inTheClear) {
    return direct
        ? logins.client(registry, plainHttp || inTheClear).build()
        : logins.client(registry, agent).build();
  }

  /** A client to ask the agent for its figures; null when there is no agent to ask. */
  @Nullable RegistryClient figuresClient(String registry) {
    return direct
        ? null
        : logins
            .client(registry, agent)
            .retries(RetryPolicy.NONE)
            .connectTimeout(FIGURES_TIMEOUT)
            .readTimeout(FIGURES_TIMEOUT)
            .build();
  }

  /** What that client can tell about blobs of a repository. */
  static @Nullable AgentFigures figures(
      @Nullable RegistryClient figuresClient, RepositoryName repository) {
    return figuresClient == null ? null : new AgentFigures(figuresClient, repository);
  }

  /** A failure as the user should see it: without an agent there is something to do about it. */
  IOException explained(RegistryUnreachableException failure) {
    if (direct) {
      return failure;
    }
    return new IOException(
        "no agent answers at " + agent + "; --agent URL names another, --direct does without",
        failure);
  }

  /** A URL, or just the host and port of one. */
  static final class AgentUrl implements ITypeConverter<URI> {
    @Override
    public URI convert(String text) {
      try {
        if (!text.contains("://")) {
          return URI.create("http://" + HostAndPort.parse(text));
        }
        URI url = new URI(text);
        if (url.getHost() != null
            && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
          return url;
        }
      } catch (IllegalArgumentException | URISyntaxException e) {
        // Told below, with what was expected.
      }
      throw new TypeConversionException(
          "expected the URL of an agent's mirror such as http://127.0.0.1:7300, found '"
              + text
              + "'");
    }
  }
}
