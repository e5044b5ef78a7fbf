package dev.longshore.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed manifest together with the verbatim bytes that its digest is made of. */
public abstract sealed class Manifest permits ImageManifest, ImageIndex {
  /** Largest manifest accepted, the floor that the distribution-spec sets for registries. */
  public static final int MAX_BYTES = 4 << 20;

  private final VerbatimDocument document;

  Manifest(VerbatimDocument document) {
    this.document = document;
  }

  /**
   * Parses a manifest or an index.
   *
   * @param bytes at most {@link #MAX_BYTES}, kept as they are
   * @param contentType the Content-Type it came with, parameters allowed; null or empty to tell the
   *     type from the document
   * @throws MalformedManifestException for whatever is wrong with the bytes or the type
   */
  public static Manifest parse(byte[] bytes, @Nullable String contentType)
      throws MalformedManifestException {
    return ManifestParser.parse(bytes, contentType);
  }

  /** The type it is served as. */
  public final String mediaType() {
    return document.mediaType();
  }

  /** The bytes as they came: a copy. */
  public final byte[] bytes() {
    return document.bytes();
  }

  /** SHA-256 of the bytes. */
  public final Digest digest() {
    return document.digest();
  }

  /** The manifest this one refers to, null when none. */
  public final @Nullable Descriptor subject() {
    return document.subject();
  }

  /** The declared artifact type, null when none. */
  public final @Nullable String artifactType() {
    return document.artifactType();
  }

  public final Map<String, String> annotations() {
    return document.annotations();
  }

  /** What it is made of: config and layers, or manifests; never the subject. */
  public abstract List<Descriptor> children();

  /** How others point to it: type, SHA-256 digest and size. */
  public final Descriptor descriptor() {
    return new Descriptor(mediaType(), digest(), bytes().length);
  }

  /**
   * How the referrers API lists it: with annotations and with the artifact type, which for an image
   * without one is its config's media type (distribution-spec, "Listing referrers").
   */
  public final Descriptor referrerDescriptor() {
    String type =
        switch (this) {
          case ImageManifest image when image.artifactType() == null -> image.config().mediaType();
          default -> artifactType();
        };
    return descriptor().withAnnotations(annotations()).withArtifactType(type);
  }

  /** Same type and same bytes: whether it is an image or an index follows from them. */
  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Manifest that && document.equals(that.document);
  }

  @Override
  public final int hashCode() {
    return document.hashCode();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + document + ", " + children().size() + " children]";
  }
}
