package dev.longshore.piece;

/** Bytes that should be a piece map, or its signed form, are not one. */
public final class MalformedPieceMapException extends Exception {
  public MalformedPieceMapException(String found) {
    super("not a piece map: " + found);
  }
}
