package dev.longshore.piece;

/** A well-formed piece map that no trusted key vouches for. */
public final class UntrustedPieceMapException extends Exception {
  public UntrustedPieceMapException(String reason) {
    super("piece map refused: " + reason);
  }
}
