package dev.longshore.origin.registry;

/** A chunk does not start where the upload stands; the session goes on. */
public final class WrongOffsetException extends Exception {
  private static final long serialVersionUID = 1;

  private final long offset;

  WrongOffsetException(long found, long offset) {
    super("the chunk starts at byte " + found + ", but the upload stands at byte " + offset);
    this.offset = offset;
  }

  /** Where the next chunk must start. */
  public long offset() {
    return offset;
  }
}
