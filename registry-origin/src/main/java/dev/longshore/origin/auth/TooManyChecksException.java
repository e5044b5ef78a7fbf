package dev.longshore.origin.auth;

/** More passwords are waiting to be checked than the origin is ready to queue. */
public final class TooManyChecksException extends Exception {
  private static final long serialVersionUID = 1;

  TooManyChecksException() {
    super("too many log-ins are being checked; try again in a few seconds");
  }
}
