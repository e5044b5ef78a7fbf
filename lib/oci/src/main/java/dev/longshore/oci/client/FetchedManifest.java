package dev.longshore.oci.client;

import dev.longshore.oci.Digest;
import dev.longshore.oci.MalformedManifestException;
import dev.longshore.oci.Manifest;

/** A manifest as a registry sent it, its digest verified, not parsed yet. */
public final class FetchedManifest {
  private final byte[] bytes;
  private final String mediaType;
  private final Digest digest;

  FetchedManifest(byte[] bytes, String mediaType, Digest digest) {
    this.bytes = bytes.clone();
    this.mediaType = mediaType;
    this.digest = digest;
  }

  /** The bytes as they came, a copy; at most {@link Manifest#MAX_BYTES}. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The Content-Type without parameters; empty when the registry sent none. */
  public String mediaType() {
    return mediaType;
  }

  /** The digest of the bytes, of the algorithm that was asked for. */
  public Digest digest() {
    return digest;
  }

  /** The manifest itself. */
  public Manifest parse() throws MalformedManifestException {
    return Manifest.parse(bytes, mediaType);
  }
}
