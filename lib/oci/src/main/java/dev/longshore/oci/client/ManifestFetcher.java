package dev.longshore.oci.client;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** GET and HEAD of {@code /manifests/<reference>}. */
final class ManifestFetcher {
  private static final String ACCEPT = String.join(", ", MediaTypes.MANIFESTS) + ", */*;q=0.1";

  private final RegistrySession session;

  ManifestFetcher(RegistrySession session) {
    this.session = session;
  }

  FetchedManifest fetch(RepositoryName repository, TagOrDigest reference) throws IOException {
    WireRequest request =
        WireRequest.get(
                session.uri(repository, "manifests/" + reference), RegistrySession.pull(repository))
            .withHeaders(Map.of("Accept", ACCEPT));
    try (WireResponse response = session.sendBuffered(request, Manifest.MAX_BYTES)) {
      if (response.status() != 200) {
        throw response.failure();
      }
      byte[] bytes = response.readAtMost(Manifest.MAX_BYTES);
      return new FetchedManifest(
          bytes,
          MediaTypes.bare(response.header("content-type").orElse(null)),
          verified(bytes, reference, response));
    }
  }

  /** A digest asked for must match; of a tag, what the registry claims must match its bytes. */
  private static Digest verified(byte[] bytes, TagOrDigest reference, WireResponse response)
      throws DigestMismatchException {
    Optional<Digest> expected =
        reference instanceof Digest digest ? Optional.of(digest) : contentDigest(response);
    if (expected.isEmpty()) {
      return Digest.sha256(bytes);
    }
    Digest.Algorithm algorithm = expected.get().algorithm();
    Digest found = Digest.of(algorithm, algorithm.newHasher().digest(bytes));
    if (!found.equals(expected.get())) {
      throw new DigestMismatchException("Tried to " + response.attempted(), expected.get(), found);
    }
    return found;
  }

  Optional<Descriptor> head(RepositoryName repository, TagOrDigest reference) throws IOException {
    WireRequest request =
        WireRequest.head(
                session.uri(repository, "manifests/" + reference), RegistrySession.pull(repository))
            .withHeaders(Map.of("Accept", ACCEPT));
    try (WireResponse response = session.send(request)) {
      if (response.status() == 404) {
        return Optional.empty();
      }
      if (response.status() != 200) {
        throw response.failure();
      }
      Optional<Digest> digest =
          reference instanceof Digest asked ? Optional.of(asked) : contentDigest(response);
      OptionalLong size = response.contentLength();
      String mediaType = MediaTypes.bare(response.header("content-type").orElse(null));
      if (digest.isPresent() && size.isPresent()) {
        return Optional.of(new Descriptor(mediaType, digest.get(), size.getAsLong()));
      }
    }
    // Some registries leave the two headers out: the bytes know.
    FetchedManifest whole = fetch(repository, reference);
    return Optional.of(new Descriptor(whole.mediaType(), whole.digest(), whole.bytes().length));
  }

  static Optional<Digest> contentDigest(WireResponse response) {
    return response.header("docker-content-digest").flatMap(Digest::tryParse);
  }
}
