package dev.longshore.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A typed, sized pointer to a blob (image-spec, descriptor.md).
 *
 * @param mediaType what the blob is
 * @param digest names the blob
 * @param size of the blob in bytes, not negative
 * @param annotations in the order of the document
 * @param urls where a foreign layer can be had; seldom set
 * @param artifactType of the artifact pointed to, null when not given
 * @param platform of an index entry, null when not given
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Map<String, String> annotations,
    List<String> urls,
    @Nullable String artifactType,
    @Nullable Platform platform) {
  /** Names an image inside a layout's index (image-spec, annotations.md). */
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("negative blob size " + size + " for " + digest);
    }
    annotations = ImmutableCopies.of(annotations);
    urls = List.copyOf(urls);
  }

  /** A descriptor with the three required properties only. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Map.of(), List.of(), null, null);
  }

  /** The same with other annotations. */
  public Descriptor withAnnotations(Map<String, String> other) {
    return new Descriptor(mediaType, digest, size, other, urls, artifactType, platform);
  }

  /** The same with another artifact type. */
  public Descriptor withArtifactType(@Nullable String other) {
    return new Descriptor(mediaType, digest, size, annotations, urls, other, platform);
  }

  /** The same for a platform. */
  public Descriptor withPlatform(@Nullable Platform other) {
    return new Descriptor(mediaType, digest, size, annotations, urls, artifactType, other);
  }
}
