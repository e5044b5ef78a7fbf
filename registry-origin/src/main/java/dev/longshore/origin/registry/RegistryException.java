package dev.longshore.origin.registry;

import dev.longshore.oci.OciError;

/** A request that the registry refuses, in the terms of the distribution-spec. */
public final class RegistryException extends Exception {
  private static final long serialVersionUID = 1;

  private final OciError error;
  private final int status;

  public RegistryException(OciError error, String message) {
    this(error, error.httpStatus(), message);
  }

  /** With another status than the error's usual one. */
  public RegistryException(OciError error, int status, String message) {
    super(message);
    this.error = error;
    this.status = status;
  }

  public OciError error() {
    return error;
  }

  /** The HTTP status to send. */
  public int status() {
    return status;
  }
}
