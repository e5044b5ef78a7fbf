package dev.longshore.oci.client;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * GET of {@code /referrers/<digest>}; on a registry without it, the index under the referrers tag
 * (distribution-spec, "Referrers Tag Schema").
 */
final class ReferrerLister {
  private static final int MAX_REFERRERS = 100_000;

  private final RegistrySession session;
  private final ManifestFetcher manifests;

  ReferrerLister(RegistrySession session) {
    this.session = session;
    this.manifests = new ManifestFetcher(session);
  }

  List<Descriptor> list(RepositoryName repository, Digest digest, @Nullable String artifactType)
      throws IOException {
    Optional<List<Descriptor>> byApi = byApi(repository, digest, artifactType);
    List<Descriptor> all = byApi.isPresent() ? byApi.get() : byTag(repository, digest);
    // A registry need not filter, and some say that they did when they did not.
    return artifactType == null
        ? List.copyOf(all)
        : all.stream().filter(found -> artifactType.equals(found.artifactType())).toList();
  }

  private Optional<List<Descriptor>> byApi(
      RepositoryName repository, Digest digest, @Nullable String artifactType) throws IOException {
    String path = "referrers/" + digest;
    URI first =
        artifactType == null
            ? session.uri(repository, path)
            : session.uri(repository, path, "artifactType", artifactType);
    List<Descriptor> all = new ArrayList<>();
    Pages pages = new Pages(session, first, RegistrySession.pull(repository), Manifest.MAX_BYTES);
    while (pages.hasNext()) {
      try (WireResponse response = pages.next()) {
        if (response.status() == 404) {
          return Optional.empty();
        }
        if (response.status() != 200) {
          throw response.failure();
        }
        String type = MediaTypes.bare(response.header("content-type").orElse(null));
        if (!type.equals(MediaTypes.OCI_INDEX)) {
          // A catch-all page of a registry that knows nothing of referrers.
          return Optional.empty();
        }
        Manifest page = Manifest.parse(response.readAtMost(Manifest.MAX_BYTES), type);
        all.addAll(page.children());
        if (all.size() > MAX_REFERRERS) {
          throw new IOException(
              "Tried to "
                  + response.attempted()
                  + ": expected at most "
                  + MAX_REFERRERS
                  + " referrers, found more");
        }
      }
    }
    return Optional.of(all);
  }

  private List<Descriptor> byTag(RepositoryName repository, Digest digest) throws IOException {
    try {
      return manifests.fetch(repository, tagOf(digest)).parse() instanceof ImageIndex index
          ? index.manifests()
          : List.of();
    } catch (RegistryException e) {
      if (e.isNotFound()) {
        return List.of();
      }
      throw e;
    }
  }

  /** Puts a manifest into the index under its subject's referrers tag, where the API is missing. */
  void addByTag(RepositoryName repository, Digest subject, Descriptor referrer) throws IOException {
    List<Descriptor> all = new ArrayList<>(byTag(repository, subject));
    if (all.stream().anyMatch(known -> known.digest().equals(referrer.digest()))) {
      return;
    }
    all.add(referrer);
    new ManifestPusher(session).push(repository, tagOf(subject), ImageIndex.of(all, Map.of()));
  }

  /** {@code sha256-<hex>}, algorithm cut to 32 and hex to 64 characters. */
  static Tag tagOf(Digest digest) {
    String hex = digest.hex();
    return new Tag(
        digest.algorithm().ociName() + "-" + hex.substring(0, Math.min(64, hex.length())));
  }
}
