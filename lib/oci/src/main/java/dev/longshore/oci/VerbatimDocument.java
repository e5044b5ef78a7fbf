package dev.longshore.oci;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What manifests and indexes have in common, and the bytes they came as. */
final class VerbatimDocument {
  private final String mediaType;
  private final byte[] bytes;
  private final Digest digest;
  private final @Nullable Descriptor subject;
  private final @Nullable String artifactType;
  private final Map<String, String> annotations;

  VerbatimDocument(
      String mediaType,
      byte[] bytes,
      @Nullable Descriptor subject,
      @Nullable String artifactType,
      Map<String, String> annotations) {
    this.mediaType = mediaType;
    this.bytes = bytes.clone();
    this.digest = Digest.sha256(bytes);
    this.subject = subject;
    this.artifactType = artifactType;
    this.annotations = ImmutableCopies.of(annotations);
  }

  String mediaType() {
    return mediaType;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  Digest digest() {
    return digest;
  }

  @Nullable Descriptor subject() {
    return subject;
  }

  @Nullable String artifactType() {
    return artifactType;
  }

  Map<String, String> annotations() {
    return annotations;
  }

  /** Same type and same bytes, which the digest stands for. */
  @Override
  public boolean equals(Object other) {
    return other instanceof VerbatimDocument that
        && digest.equals(that.digest)
        && mediaType.equals(that.mediaType);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return mediaType + " " + digest;
  }
}
