package dev.longshore.origin.registry;

/** A layer can have no index, now or ever; the message says why. */
final class NoIndexException extends Exception {
  private static final long serialVersionUID = 1;

  NoIndexException(String reason, Throwable cause) {
    super(reason, cause);
  }

  NoIndexException(String reason) {
    super(reason);
  }
}
