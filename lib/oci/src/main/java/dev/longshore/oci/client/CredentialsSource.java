package dev.longshore.oci.client;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the credentials of a registry. */
@FunctionalInterface
public interface CredentialsSource {

  /**
   * The credentials for this registry, empty to stay anonymous.
   *
   * @param registry {@code host[:port]}, as in an image reference
   * @throws IOException if the place they are kept in cannot be read
   */
  Optional<Credentials> forRegistry(String registry) throws IOException;

  /** No credentials for anybody. */
  static CredentialsSource anonymous() {
    return registry -> Optional.empty();
  }

  /**
   * The {@code auths} of a docker {@code config.json}, read anew at each question; a missing file
   * means anonymous. Credential helpers are not run.
   */
  static CredentialsSource dockerConfig(Path file) {
    return new DockerConfigFile(file);
  }
}
