package dev.longshore.oci.json;

import java.io.IOException;

/** Bytes that are not the JSON that was expected. */
public final class MalformedJsonException extends IOException {
  public MalformedJsonException(String message) {
    super(message);
  }

  public MalformedJsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
