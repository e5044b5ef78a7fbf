package dev.longshore.oci.client;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** POST of {@code /blobs/uploads/?mount=…&from=…}. */
final class BlobMounter {
  private final RegistrySession session;

  BlobMounter(RegistrySession session) {
    this.session = session;
  }

  boolean mount(RepositoryName repository, Digest digest, RepositoryName from) throws IOException {
    List<String> scopes =
        List.of(RegistrySession.push(repository).getFirst(), RegistrySession.pull(from).getFirst());
    URI uri =
        session.uri(repository, "blobs/uploads/", "mount", digest.toString(), "from", from.value());
    WireRequest request = new WireRequest("POST", uri, Map.of(), null, scopes, true);
    try (WireResponse response = session.send(request)) {
      return switch (response.status()) {
        case 201 -> true;
        // Declined: the registry has begun an upload instead, which times out by itself.
        case 202, 404, 405 -> false;
        default -> throw response.failure();
      };
    }
  }
}
