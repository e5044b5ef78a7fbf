package dev.longshore.piece;

/** Bytes that should be a signed statement on a layer's index are none. */
public final class MalformedStatementException extends Exception {
  public MalformedStatementException(String found) {
    super("not a statement on a layer index: " + found);
  }
}
