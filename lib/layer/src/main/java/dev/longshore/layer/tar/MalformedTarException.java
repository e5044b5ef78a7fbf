package dev.longshore.layer.tar;

import dev.longshore.layer.RawText;

/** A tar stream is not one, breaks off, or asks for more than a limit allows. */
public final class MalformedTarException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int QUOTED = 64;

  private final long offset;

  MalformedTarException(long offset, String expected, String found) {
    super(
        "tar stream is malformed at offset %d: expected %s, found %s"
            .formatted(offset, expected, found));
    this.offset = offset;
  }

  /** Where in the uncompressed stream the block begins that is refused. */
  public long offset() {
    return offset;
  }

  /** Raw text from the stream as a message may show it: quoted, cut, without control characters. */
  static String quoted(String raw) {
    String start = RawText.readable(raw.substring(0, Math.min(raw.length(), QUOTED)));
    return '"'
        + start.replaceAll("\\p{Cntrl}", "\uFFFD")
        + (raw.length() > QUOTED ? "...\" of " + raw.length() + " bytes" : "\"");
  }
}
