package dev.longshore.oci;

import java.io.IOException;

/** Content that is not what its digest says. */
public final class DigestMismatchException extends IOException {
  private final Digest expected;
  private final Digest found;

  public DigestMismatchException(String what, Digest expected, Digest found) {
    super(
        what
            + ": expected digest "
            + expected
            + ", found "
            + found
            + "; the content was damaged or replaced on its way and is refused");
    this.expected = expected;
    this.found = found;
  }

  public Digest expected() {
    return expected;
  }

  public Digest found() {
    return found;
  }
}
