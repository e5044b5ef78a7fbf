package dev.longshore.oci.client;

import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;

/** PUT of {@code /manifests/<reference>}. */
final class ManifestPusher {

  /**
   * What the registry made of it.
   *
   * @param subjectListed true when the registry keeps the referrers of the subject itself
   */
  record Pushed(Digest digest, boolean subjectListed) {}

  private final RegistrySession session;

  ManifestPusher(RegistrySession session) {
    this.session = session;
  }

  Pushed push(RepositoryName repository, TagOrDigest reference, Manifest manifest)
      throws IOException {
    byte[] bytes = manifest.bytes();
    Digest.Algorithm algorithm =
        reference instanceof Digest named ? named.algorithm() : Digest.Algorithm.SHA256;
    Digest digest = Digest.of(algorithm, algorithm.newHasher().digest(bytes));
    if (reference instanceof Digest named && !named.equals(digest)) {
      throw new DigestMismatchException("manifest to push to " + repository, named, digest);
    }
    WireRequest request =
        new WireRequest(
            "PUT",
            session.uri(repository, "manifests/" + reference),
            Map.of("Content-Type", manifest.mediaType()),
            new WireRequest.Body(bytes.length, () -> new ByteArrayInputStream(bytes)),
            RegistrySession.push(repository),
            true);
    try (WireResponse response = session.send(request)) {
      if (response.status() != 201 && response.status() != 200 && response.status() != 202) {
        throw response.failure();
      }
      Digest stored = ManifestFetcher.contentDigest(response).orElse(digest);
      if (stored.algorithm() == digest.algorithm() && !stored.equals(digest)) {
        throw new DigestMismatchException("Tried to " + response.attempted(), digest, stored);
      }
      return new Pushed(digest, response.header("oci-subject").isPresent());
    }
  }
}
