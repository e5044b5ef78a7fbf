package dev.longshore.layer.span;

import java.util.Arrays;
import java.util.zip.DataFormatException;

/** The header of a deflate block and the codes that it brings (RFC 1951, section 3.2.3). */
final class DeflateBlock {

  private static final int MOST_LITERALS = 286;
  private static final int MOST_DISTANCES = 30;

  /** In which order the code lengths' own lengths come (RFC 1951, section 3.2.7). */
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private final HuffmanTable literals = HuffmanTable.ofLiterals();
  private final HuffmanTable distances = HuffmanTable.ofDistances();
  private final HuffmanTable codeLengths = HuffmanTable.ofCodeLengths();
  private final byte[] lengths = new byte[MOST_LITERALS + MOST_DISTANCES + 4];
  private boolean fixed;
  private boolean last;
  private boolean stored;
  private int storedBytes;

  /** Of a block that is not stored. */
  HuffmanTable literals() {
    return literals;
  }

  /** Of a block that is not stored. */
  HuffmanTable distances() {
    return distances;
  }

  /** Whether no block comes after this one. */
  boolean last() {
    return last;
  }

  /** Whether its bytes follow as they are. */
  boolean stored() {
    return stored;
  }

  /** How many bytes of a stored block follow, 0 to 65,535. */
  int storedBytes() {
    return storedBytes;
  }

  /**
   * Reads a block's header.
   *
   * @return whether it is all there; if not, the cursor stands where it stood, whole bytes put back
   * @throws DataFormatException if no block begins so
   */
  boolean open(BitCursor cursor) throws DataFormatException {
    cursor.putBack();
    int next = cursor.next;
    long hold = cursor.hold;
    int bits = cursor.bits;
    if (read(cursor)) {
      return true;
    }
    cursor.next = next;
    cursor.hold = hold;
    cursor.bits = bits;
    return false;
  }

  private boolean read(BitCursor cursor) throws DataFormatException {
    cursor.refill();
    if (cursor.bits < 3) {
      return false;
    }
    last = cursor.take(1) == 1;
    int type = cursor.take(2);
    stored = type == 0;
    return switch (type) {
      case 0 -> readStored(cursor);
      case 1 -> buildFixed();
      case 2 -> readCodes(cursor);
      default -> throw new DataFormatException("a block of no known type");
    };
  }

  private boolean readStored(BitCursor cursor) throws DataFormatException {
    cursor.drop(cursor.bits & 7);
    cursor.refill();
    if (cursor.bits < Integer.SIZE) {
      return false;
    }
    storedBytes = cursor.take(16);
    int complement = cursor.take(16);
    if (storedBytes != (~complement & 0xffff)) {
      throw new DataFormatException("a stored block whose two lengths differ");
    }
    cursor.putBack();
    return true;
  }

  private boolean buildFixed() throws DataFormatException {
    if (!fixed) {
      byte[] all = new byte[288];
      Arrays.fill(all, 0, 144, (byte) 8);
      Arrays.fill(all, 144, 256, (byte) 9);
      Arrays.fill(all, 256, 280, (byte) 7);
      Arrays.fill(all, 280, 288, (byte) 8);
      literals.build(all, 0, 288);
      Arrays.fill(all, 0, 32, (byte) 5);
      distances.build(all, 0, 32);
      fixed = true;
    }
    return true;
  }

  private boolean readCodes(BitCursor cursor) throws DataFormatException {
    if (cursor.bits < 14) {
      return false;
    }
    int literalCount = cursor.take(5) + 257;
    int distanceCount = cursor.take(5) + 1;
    int lengthCount = cursor.take(4) + 4;
    if (literalCount > MOST_LITERALS || distanceCount > MOST_DISTANCES) {
      throw new DataFormatException("too many length or distance symbols");
    }
    Arrays.fill(lengths, 0, ORDER.length, (byte) 0);
    for (int i = 0; i < lengthCount; i++) {
      cursor.refill();
      if (cursor.bits < 3) {
        return false;
      }
      lengths[ORDER[i]] = (byte) cursor.take(3);
    }
    codeLengths.build(lengths, 0, ORDER.length);
    if (!readLengths(cursor, literalCount + distanceCount)) {
      return false;
    }
    if (lengths[256] == 0) {
      throw new DataFormatException("a block without an end");
    }
    fixed = false;
    literals.build(lengths, 0, literalCount);
    distances.build(lengths, literalCount, distanceCount);
    return true;
  }

  /** Reads the code lengths of both codes, which run on from one to the other. */
  private boolean readLengths(BitCursor cursor, int count) throws DataFormatException {
    int at = 0;
    while (at < count) {
      cursor.refill();
      int entry = codeLengths.lookUp(cursor.hold);
      int symbol = entry >>> 16;
      int extra = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
      if ((entry & 0xf) + extra > cursor.bits) {
        return false;
      }
      if ((entry & HuffmanTable.SPECIAL) != 0) {
        throw new DataFormatException("an invalid code length");
      }
      cursor.drop(entry & 0xf);
      if (symbol < 16) {
        lengths[at++] = (byte) symbol;
        continue;
      }
      int repeat = cursor.take(extra) + (symbol == 18 ? 11 : 3);
      if (repeat > count - at || (symbol == 16 && at == 0)) {
        throw new DataFormatException("an invalid repeat of a code length");
      }
      Arrays.fill(lengths, at, at + repeat, symbol == 16 ? lengths[at - 1] : 0);
      at += repeat;
    }
    return true;
  }
}
