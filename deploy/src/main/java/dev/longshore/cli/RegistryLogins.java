package dev.longshore.cli;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.oci.client.RegistryClient;
import java.net.URI;
import java.nio.file.Path;

/** Registries as the user of this machine is logged in to them. */
final class RegistryLogins {
  private RegistryLogins() {}

  /** The logins that {@code docker login} and its like have written. */
  static CredentialsSource source() {
    String folder = System.getenv("DOCKER_CONFIG");
    Path config =
        folder != null ? Path.of(folder) : Path.of(System.getProperty("user.home"), ".docker");
    return CredentialsSource.dockerConfig(config.resolve("config.json"));
  }

  /** A client of a registry by its name in references. */
  static RegistryClient.Builder client(String registry, boolean plainHttp) {
    URI endpoint =
        plainHttp ? URI.create("http://" + registry) : RegistryClient.endpointOf(registry);
    return RegistryClient.builder(endpoint).credentials(source());
  }
}
