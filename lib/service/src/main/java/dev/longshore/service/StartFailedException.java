package dev.longshore.service;

/** A daemon cannot start; the message is one line that says why and what to do. */
public final class StartFailedException extends Exception {

  private static final long serialVersionUID = 1;

  public StartFailedException(String message) {
    super(message);
  }

  public StartFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
