package dev.longshore.oci.client;

import dev.longshore.oci.RepositoryName;
import java.io.IOException;
import java.util.Map;

/** DELETE of a manifest, a tag or a blob. */
final class Deleter {
  private final RegistrySession session;

  Deleter(RegistrySession session) {
    this.session = session;
  }

  /** False when there was none. */
  boolean delete(RepositoryName repository, String path) throws IOException {
    WireRequest request =
        new WireRequest(
            "DELETE",
            session.uri(repository, path),
            Map.of(),
            null,
            RegistrySession.delete(repository),
            true);
    try (WireResponse response = session.send(request)) {
      return switch (response.status()) {
        case 200, 202, 204 -> true;
        case 404 -> false;
        default -> throw response.failure();
      };
    }
  }
}
