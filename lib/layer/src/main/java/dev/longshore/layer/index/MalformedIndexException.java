package dev.longshore.layer.index;

/** These bytes are no layer index, or one that contradicts itself. */
public final class MalformedIndexException extends Exception {
  public MalformedIndexException(String message) {
    super(message);
  }

  public MalformedIndexException(String message, Throwable cause) {
    super(message, cause);
  }
}
