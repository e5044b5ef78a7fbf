package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;

/** A stored manifest, as its pusher sent it. */
public final class ManifestRow {
  private final Digest digest;
  private final String mediaType;
  private final byte[] content;

  /**
   * @param mediaType the Content-Type it was pushed with, without parameters
   * @param content verbatim; not to be changed
   */
  public ManifestRow(Digest digest, String mediaType, byte[] content) {
    this.digest = digest;
    this.mediaType = mediaType;
    this.content = content;
  }

  public Digest digest() {
    return digest;
  }

  public String mediaType() {
    return mediaType;
  }

  /** Verbatim; not to be changed. */
  public byte[] content() {
    return content;
  }
}
