package dev.longshore.layer.span;

import java.util.Arrays;
import java.util.zip.DataFormatException;

/** One Huffman code of a deflate block (RFC 1951, section 3.2.2), made for looking symbols up. */
final class HuffmanTable {

  /*
   * The next bits of the stream, lowest first, are an index of the first level, whose entry says
   * what the code word at their front means. Code words that are longer than that lead on to a
   * second level, indexed by the bits that follow. An entry is an int:
   *
   *   literal    1 at bit 31, the byte at 16
   *   number     its base at 16, how many extra bits follow the code word at 8: a match's length
   *              or distance, or a symbol of the code for code lengths
   *   END        no more symbols in this block
   *   INVALID    no symbol has this code word
   *   DEEPER     where the second level begins at 16, how many bits index it at 8
   *
   * and in all but the last the length of the whole code word at bit 0. Nothing else is at bits 0
   * to 5, which is all that Java's shifts look at: "hold >>>= entry" takes the code word away.
   */
  static final int SPECIAL = 1 << 15;
  static final int DEEPER = 1 << 14;
  static final int END = 1 << 13;
  private static final int INVALID = SPECIAL | 1;

  /** Longest code word, bits. */
  private static final int LONGEST = 15;

  private static final int[] LITERAL_SYMBOLS = literalSymbols();
  private static final int[] DISTANCE_SYMBOLS = distanceSymbols();
  private static final int[] CODE_LENGTH_SYMBOLS = codeLengthSymbols();

  private final int[] symbols;
  private final int firstBits;
  private final boolean mayBeSingle;
  private final String name;

  /** First level, then the second ones. */
  final int[] entries;

  private final int[] left = new int[LONGEST + 1];
  private final int[] place = new int[LONGEST + 2];
  private final short[] sorted;

  /** Sizes are the most that any code can need: {@code examples/enough.c} of zlib. */
  private HuffmanTable(
      String name, int[] symbols, int firstBits, int entries, boolean mayBeSingle) {
    this.name = name;
    this.symbols = symbols;
    this.firstBits = firstBits;
    this.entries = new int[entries];
    this.mayBeSingle = mayBeSingle;
    this.sorted = new short[symbols.length];
  }

  /** Bits of the first level of {@link #ofLiterals}. */
  static final int LITERAL_BITS = 10;

  /** Bits of the first level of {@link #ofDistances}. */
  static final int DISTANCE_BITS = 8;

  /** For literals and lengths of matches. */
  static HuffmanTable ofLiterals() {
    return new HuffmanTable("literals", LITERAL_SYMBOLS, LITERAL_BITS, 1334, true);
  }

  /** For distances of matches. */
  static HuffmanTable ofDistances() {
    return new HuffmanTable("distances", DISTANCE_SYMBOLS, DISTANCE_BITS, 402, true);
  }

  /** For the lengths of the other two codes' words. */
  static HuffmanTable ofCodeLengths() {
    return new HuffmanTable("code lengths", CODE_LENGTH_SYMBOLS, 7, 128, false);
  }

  /** The entry of the code word at the lowest bits of {@code hold}, never a deeper one. */
  int lookUp(long hold) {
    int entry = entries[(int) hold & ((1 << firstBits) - 1)];
    return (entry & DEEPER) != 0 ? entries[deeper(entry, hold, firstBits)] : entry;
  }

  /** Index of the second level's entry. */
  static int deeper(int entry, long hold, int firstBits) {
    return (entry >>> 16) + ((int) (hold >>> firstBits) & ((1 << ((entry >>> 8) & 0xf)) - 1));
  }

  /**
   * Makes this the code whose symbols have words of these lengths.
   *
   * @throws DataFormatException if no code has, or it leaves words unused where it may not
   */
  void build(byte[] lengths, int from, int count) throws DataFormatException {
    Arrays.fill(left, 0);
    for (int i = 0; i < count; i++) {
      left[lengths[from + i]]++;
    }
    left[0] = 0;
    int longest = LONGEST;
    while (longest > 0 && left[longest] == 0) {
      longest--;
    }
    int unused = unused();
    if (unused > 0 && longest > 0 && !(mayBeSingle && longest == 1)) {
      throw new DataFormatException("an incomplete set of " + name);
    }
    if (unused > 0) {
      Arrays.fill(entries, 0, 1 << firstBits, INVALID);
    }
    sort(lengths, from, count);
    fill(lengths, from, longest, place[LONGEST]);
  }

  private int unused() throws DataFormatException {
    int unused = 1;
    for (int length = 1; length <= LONGEST; length++) {
      unused = (unused << 1) - left[length];
      if (unused < 0) {
        throw new DataFormatException("an over-subscribed set of " + name);
      }
    }
    return unused;
  }

  private void sort(byte[] lengths, int from, int count) {
    place[0] = 0;
    place[1] = 0;
    for (int length = 1; length <= LONGEST; length++) {
      place[length + 1] = place[length] + left[length];
    }
    for (int i = 0; i < count; i++) {
      if (lengths[from + i] != 0) {
        sorted[place[lengths[from + i]]++] = (short) i;
      }
    }
  }

  private void fill(byte[] lengths, int from, int longest, int count) {
    int first = 1 << firstBits;
    int free = first;
    int prefix = -1;
    int start = 0;
    int size = 0;
    int code = 0;
    int before = 0;
    for (int i = 0; i < count; i++) {
      int symbol = sorted[i];
      int length = lengths[from + symbol];
      code <<= length - before;
      before = length;
      int word = Integer.reverse(code) >>> (Integer.SIZE - length);
      int entry = symbols[symbol] | length;
      if (length <= firstBits) {
        for (int at = word; at < first; at += 1 << length) {
          entries[at] = entry;
        }
      } else {
        if ((word & (first - 1)) != prefix) {
          prefix = word & (first - 1);
          int bits = secondBits(length, longest);
          entries[prefix] = SPECIAL | DEEPER | free << 16 | bits << 8;
          start = free;
          size = 1 << bits;
          free += size;
        }
        for (int at = word >>> firstBits; at < size; at += 1 << (length - firstBits)) {
          entries[start + at] = entry;
        }
      }
      left[length]--;
      code++;
    }
  }

  /** Bits that tell the words apart whose front is the same as that of the next word. */
  private int secondBits(int length, int longest) {
    int bits = length - firstBits;
    int room = 1 << bits;
    while (bits + firstBits < longest) {
      room -= left[bits + firstBits];
      if (room <= 0) {
        break;
      }
      bits++;
      room <<= 1;
    }
    return bits;
  }

  private static int[] literalSymbols() {
    int[] symbols = new int[288];
    for (int i = 0; i < 256; i++) {
      symbols[i] = 1 << 31 | i << 16;
    }
    symbols[256] = SPECIAL | END;
    int base = 3;
    for (int i = 257; i < 285; i++) {
      int extra = i < 265 ? 0 : (i - 261) / 4;
      symbols[i] = base << 16 | extra << 8;
      base += 1 << extra;
    }
    symbols[285] = 258 << 16;
    symbols[286] = SPECIAL;
    symbols[287] = SPECIAL;
    return symbols;
  }

  private static int[] distanceSymbols() {
    int[] symbols = new int[32];
    int base = 1;
    for (int i = 0; i < 30; i++) {
      int extra = i < 2 ? 0 : (i - 2) / 2;
      symbols[i] = base << 16 | extra << 8;
      base += 1 << extra;
    }
    symbols[30] = SPECIAL;
    symbols[31] = SPECIAL;
    return symbols;
  }

  private static int[] codeLengthSymbols() {
    int[] symbols = new int[19];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = i << 16;
    }
    return symbols;
  }
}
