package dev.longshore.cli;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.oci.client.RegistryClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Registries as the user of this machine is logged in to them. */
final class RegistryLogins {

  @Option(
      names = "--registry-auth",
      paramLabel = "FILE",
      description =
          "docker config.json with logins (default: what docker login writes, by DOCKER_CONFIG, else"
              + " in ~/.docker)")
  private @Nullable Path file;

  /** The logins that {@code docker login} and its like have written. */
  CredentialsSource source() {
    if (file != null && !Files.exists(file)) {
      throw new CommandFailedException("--registry-auth " + file + " does not exist");
    }
    return CredentialsSource.dockerConfig(file != null ? file : defaultFile());
  }

  private static Path defaultFile() {
    String folder = System.getenv("DOCKER_CONFIG");
    Path config =
        folder != null ? Path.of(folder) : Path.of(System.getProperty("user.home"), ".docker");
    return config.resolve("config.json");
  }

  /** A client of a registry by its name in references. */
  RegistryClient.Builder client(String registry, boolean plainHttp) {
    URI endpoint =
        plainHttp ? URI.create("http://" + registry) : RegistryClient.endpointOf(registry);
    CredentialsSource logins = source();
    // Logins are kept by the name in references, which is not always that of the endpoint.
    return RegistryClient.builder(endpoint).credentials(address -> logins.forRegistry(registry));
  }

  /** A client of an agent's mirror that reads this registry through it. */
  RegistryClient.Builder client(String registry, URI mirror) {
    CredentialsSource logins = source();
    return RegistryClient.builder(mirror)
        .mirrorOf(registry)
        .credentials(address -> logins.forRegistry(registry));
  }
}
