package dev.longshore.oci;

import java.util.Optional;

/** The error codes of the distribution-spec with the HTTP status each is sent with. */
public enum OciError {
  BLOB_UNKNOWN(404, "blob unknown to registry"),
  BLOB_UPLOAD_INVALID(400, "blob upload invalid"),
  BLOB_UPLOAD_UNKNOWN(404, "blob upload unknown to registry"),
  DIGEST_INVALID(400, "provided digest did not match uploaded content"),
  MANIFEST_BLOB_UNKNOWN(404, "manifest references a manifest or blob unknown to registry"),
  MANIFEST_INVALID(400, "manifest invalid"),
  MANIFEST_UNKNOWN(404, "manifest unknown to registry"),
  NAME_INVALID(400, "invalid repository name"),
  NAME_UNKNOWN(404, "repository name not known to registry"),
  SIZE_INVALID(400, "provided length did not match content length"),
  TAG_INVALID(400, "invalid tag"),
  UNAUTHORIZED(401, "authentication required"),
  DENIED(403, "requested access to the resource is denied"),
  UNSUPPORTED(405, "the operation is unsupported"),
  TOOMANYREQUESTS(429, "too many requests"),
  RANGE_INVALID(416, "invalid content range"),
  UNKNOWN(500, "unknown error");

  private final int httpStatus;
  private final String defaultMessage;

  OciError(int httpStatus, String defaultMessage) {
    this.httpStatus = httpStatus;
    this.defaultMessage = defaultMessage;
  }

  /** The usual HTTP status; a few codes are also sent with another, {@code 413} for instance. */
  public int httpStatus() {
    return httpStatus;
  }

  /** What the specification says the code means. */
  public String defaultMessage() {
    return defaultMessage;
  }

  /** The code of this name, empty for one that a foreign registry made up. */
  public static Optional<OciError> ofCode(String code) {
    for (OciError error : values()) {
      if (error.name().equals(code)) {
        return Optional.of(error);
      }
    }
    return Optional.empty();
  }

  /** An entry for an error body. */
  public OciErrorEntry with(String message) {
    return new OciErrorEntry(name(), message, "");
  }
}
