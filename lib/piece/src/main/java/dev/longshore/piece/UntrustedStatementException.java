package dev.longshore.piece;

/** A well-formed statement on a layer's index that no trusted key vouches for. */
public final class UntrustedStatementException extends Exception {
  public UntrustedStatementException(String reason) {
    super("statement on a layer index refused: " + reason);
  }
}
