package dev.longshore.layer.span;

import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * Reads the header of a gzip member byte by byte (RFC 1952, section 2.3), as strictly as Go's
 * {@code compress/gzip} does, which containerd unpacks with.
 */
final class GzipHeader {
  private static final int FHCRC = 1 << 1;
  private static final int FEXTRA = 1 << 2;
  private static final int FNAME = 1 << 3;
  private static final int FCOMMENT = 1 << 4;

  /** Magic, method, flags, time, extra flags, system. */
  private static final int FIXED_BYTES = 10;

  private static final int[] MAGIC = {0x1f, 0x8b, 8};

  private enum Part {
    FIXED,
    EXTRA_LENGTH,
    EXTRA,
    NAME,
    COMMENT,
    CRC,
    DONE
  }

  private final CRC32 crc = new CRC32();
  private Part part = Part.FIXED;
  private int flags;

  /** Bytes of this part so far. */
  private int seen;

  /** A little-endian number of two bytes. */
  private int number;

  /** Gets ready for the next member. */
  void reset() {
    crc.reset();
    part = Part.FIXED;
    seen = 0;
  }

  /**
   * Takes the next byte.
   *
   * @return whether it was the last one
   * @throws DataFormatException if no gzip member begins so, with what was found
   */
  boolean accept(int value) throws DataFormatException {
    switch (part) {
      case FIXED -> acceptFixed(value);
      case EXTRA_LENGTH -> {
        if (acceptNumber(value)) {
          enter(number > 0 ? Part.EXTRA : Part.NAME);
        }
      }
      case EXTRA -> {
        if (++seen == number) {
          enter(Part.NAME);
        }
      }
      case NAME, COMMENT -> {
        if (value == 0) {
          enter(part == Part.NAME ? Part.COMMENT : Part.CRC);
        }
      }
      case CRC -> {
        if (acceptNumber(value)) {
          checkCrc();
          enter(Part.DONE);
        }
        return part == Part.DONE;
      }
      case DONE -> throw new IllegalStateException("the header is complete");
    }
    crc.update(value);
    return part == Part.DONE;
  }

  private void acceptFixed(int value) throws DataFormatException {
    if (seen < MAGIC.length && value != MAGIC[seen]) {
      throw new DataFormatException("byte %d of it is 0x%02x".formatted(seen, value));
    }
    if (seen == MAGIC.length) {
      flags = value;
    }
    if (++seen == FIXED_BYTES) {
      enter(Part.EXTRA_LENGTH);
    }
  }

  private boolean acceptNumber(int value) {
    number = seen == 0 ? value : number | value << 8;
    return ++seen == 2;
  }

  private void checkCrc() throws DataFormatException {
    int expected = (int) crc.getValue() & 0xffff;
    if (number != expected) {
      throw new DataFormatException("its CRC-16 is 0x%04x, not 0x%04x".formatted(number, expected));
    }
  }

  /** Enters the first part from this one on that the flags say is there. */
  private void enter(Part next) {
    seen = 0;
    part = next;
    if (part == Part.EXTRA_LENGTH && (flags & FEXTRA) == 0) {
      part = Part.NAME;
    }
    if (part == Part.NAME && (flags & FNAME) == 0) {
      part = Part.COMMENT;
    }
    if (part == Part.COMMENT && (flags & FCOMMENT) == 0) {
      part = Part.CRC;
    }
    if (part == Part.CRC && (flags & FHCRC) == 0) {
      part = Part.DONE;
    }
  }
}
