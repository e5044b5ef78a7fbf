package dev.longshore.oci;

import java.io.IOException;

/** Bytes that claim to be a manifest or an index and are not; the message says where. */
public final class MalformedManifestException extends IOException {
  public MalformedManifestException(String message) {
    super(message);
  }

  public MalformedManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
