package dev.longshore.agent.upstream;

import dev.longshore.oci.Digest;

/** A manifest as a registry sent it, checked against its digest. */
public final class KnownManifest {
  private final Digest digest;
  private final String mediaType;
  private final byte[] bytes;

  KnownManifest(Digest digest, String mediaType, byte[] bytes) {
    this.digest = digest;
    this.mediaType = mediaType;
    this.bytes = bytes;
  }

  public Digest digest() {
    return digest;
  }

  public String mediaType() {
    return mediaType;
  }

  /** Verbatim; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}
