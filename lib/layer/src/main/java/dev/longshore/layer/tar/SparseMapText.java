package dev.longshore.layer.tar;

/**
 * Reads the map of a sparse file of version 1.0, which lies before the file's data: decimal numbers
 * with a newline after each, first how many segments, then offset and length of each, up to the end
 * of a block (GNU tar manual, "PAX Format, Version 1.0").
 */
final class SparseMapText {
  private static final long UNKNOWN = -1;

  private final SparseMap map;
  private long number = UNKNOWN;
  private long segmentsLeft = UNKNOWN;
  private long offset = UNKNOWN;

  SparseMapText(SparseMap map) {
    this.map = map;
  }

  /** Reads a block; says whether the map ends in it. */
  boolean read(byte[] block) throws MalformedTarException {
    for (byte b : block) {
      if (b != '\n') {
        number = Decimal.append(Math.max(number, 0), b);
      }
      if (number < 0) {
        throw map.refused("a map of decimal numbers", "0x%02x in it".formatted(b));
      }
      if (b == '\n') {
        take(number);
        number = UNKNOWN;
        if (segmentsLeft == 0) {
          return true;
        }
      }
    }
    return false;
  }

  private void take(long value) throws MalformedTarException {
    if (segmentsLeft == UNKNOWN) {
      if (value > SparseMap.MAX_SEGMENTS) {
        throw map.refused("at most " + SparseMap.MAX_SEGMENTS + " segments", value + " of them");
      }
      segmentsLeft = value;
    } else if (offset == UNKNOWN) {
      offset = value;
    } else {
      map.add(offset, value);
      offset = UNKNOWN;
      segmentsLeft--;
    }
  }
}
