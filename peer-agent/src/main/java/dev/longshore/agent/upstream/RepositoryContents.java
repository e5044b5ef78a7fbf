package dev.longshore.agent.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MalformedManifestException;
import dev.longshore.oci.Manifest;
import dev.longshore.swarm.SourceRef;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which blobs and manifests belong to which repository, and their sizes: a caller that may pull one
 * repository gets nothing of another by naming its digests.
 */
final class RepositoryContents {
  private static final Logger log = LoggerFactory.getLogger(RepositoryContents.class);
  private static final long MOST = 500_000;

  private record Key(SourceRef source, Digest digest) {}

  private final Cache<Key, Long> sizes = Caffeine.newBuilder().maximumSize(MOST).build();

  /** The repository has this manifest and all that it is made of. */
  void add(SourceRef source, KnownManifest manifest) {
    add(source, manifest.digest(), manifest.bytes().length);
    for (Descriptor child : childrenOf(manifest)) {
      add(source, child.digest(), child.size());
    }
  }

  /** What a manifest is made of; nothing when it is of a kind that we cannot read. */
  static List<Descriptor> childrenOf(KnownManifest manifest) {
    return childrenOf(manifest, Manifest.class);
  }

  /** The blobs that a manifest is made of; nothing when it is an index, or cannot be read. */
  static List<Descriptor> blobsOf(KnownManifest manifest) {
    return childrenOf(manifest, ImageManifest.class);
  }

  private static List<Descriptor> childrenOf(KnownManifest manifest, Class<?> kind) {
    try {
      Manifest parsed = Manifest.parse(manifest.bytes(), manifest.mediaType());
      return kind.isInstance(parsed) ? parsed.children() : List.of();
    } catch (MalformedManifestException e) {
      // An older type: its blobs are looked up at the upstream one by one.
      log.debug("{} is not understood: {}", manifest.digest(), e.getMessage());
      return List.of();
    }
  }

  /** The repository has this blob. */
  void add(SourceRef source, Digest digest, long size) {
    sizes.put(new Key(source, digest), size);
  }

  /** Bytes in a blob that the repository has; empty when it is not known to have it. */
  Optional<Long> size(SourceRef source, Digest digest) {
    return Optional.ofNullable(sizes.getIfPresent(new Key(source, digest)));
  }

  /** The repository lost this blob. */
  void remove(SourceRef source, Digest digest) {
    sizes.invalidate(new Key(source, digest));
  }
}
