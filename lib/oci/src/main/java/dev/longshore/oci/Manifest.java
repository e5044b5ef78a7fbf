package dev.longshore.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed manifest together with the verbatim bytes that its digest is made of. */
public sealed interface Manifest permits ImageManifest, ImageIndex {
  /** Largest manifest accepted, the floor that the distribution-spec sets for registries. */
  int MAX_BYTES = 4 << 20;

  /**
   * Parses a manifest or an index.
   *
   * @param bytes at most {@link #MAX_BYTES}, kept as they are
   * @param contentType the Content-Type it came with, parameters allowed; null or empty to tell the
   *     type from the document
   * @throws MalformedManifestException for whatever is wrong with the bytes or the type
   */
  static Manifest parse(byte[] bytes, @Nullable String contentType)
      throws MalformedManifestException {
    return ManifestParser.parse(bytes, contentType);
  }

  /** The type it is served as. */
  String mediaType();

  /** The bytes as they came: a copy. */
  byte[] bytes();

  /** SHA-256 of the bytes. */
  Digest digest();

  /** The manifest this one refers to, null when none. */
  @Nullable Descriptor subject();

  /** The declared artifact type, null when none. */
  @Nullable String artifactType();

  Map<String, String> annotations();

  /** What it is made of: config and layers, or manifests; never the subject. */
  List<Descriptor> children();

  /** How others point to it: type, SHA-256 digest and size. */
  default Descriptor descriptor() {
    return new Descriptor(mediaType(), digest(), bytes().length);
  }

  /**
   * How the referrers API lists it: with annotations and with the artifact type, which for an image
   * without one is its config's media type (distribution-spec, "Listing referrers").
   */
  default Descriptor referrerDescriptor() {
    String type =
        switch (this) {
          case ImageManifest image when image.artifactType() == null -> image.config().mediaType();
          default -> artifactType();
        };
    return descriptor().withAnnotations(annotations()).withArtifactType(type);
  }
}
