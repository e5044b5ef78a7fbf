package dev.longshore.agent.upstream;

import dev.longshore.oci.OciError;
import java.io.IOException;

/** The upstream does not have what was asked for. */
public final class NotFoundException extends IOException {
  private final OciError error;

  NotFoundException(OciError error, String message) {
    super(message);
    this.error = error;
  }

  public OciError error() {
    return error;
  }
}
