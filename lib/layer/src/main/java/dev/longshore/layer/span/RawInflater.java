package dev.longshore.layer.span;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * Inflates deflate data without a wrapper (RFC 1951), from any block on and one block at a time.
 *
 * <p>Bytes go from the input's buffer into another one of output. Owned by one thread at a time.
 */
final class RawInflater {

  /** Why {@link #run} returned. */
  enum Stop {
    /** It used all the compressed bytes that are of use to it. */
    NEEDS_INPUT,
    /** It made as much output as it was to make. */
    OUTPUT_FULL,
    /** A block has ended, another one begins at the input's position and {@link #unusedBits}. */
    BLOCK_ENDED,
    /** The last block has ended; what follows begins with a whole byte, at the input's position. */
    STREAM_ENDED
  }

  /** Most output of one {@link #run}. */
  static final int OUTPUT_BYTES = 64 << 10;

  /*
   * Java's own Inflater neither stops where a block ends nor starts within a byte. The zlib of the
   * system does both, but takes a third longer, and longer still for a process's first span, since
   * calling it has to be linked first; it is what the tests compare this with.
   *
   * Output and the 32 KiB before it lie in one array, so that a match is a copy within it. Symbols
   * are decoded in a fast loop while a whole one is sure to be there and to have room, with bits
   * and indexes in locals, and one by one near the ends, where a symbol that is not all there is
   * left for the next run.
   */
  private static final int WINDOW = Window.MAX_BYTES;

  /** Longest match. */
  private static final int LONGEST = 258;

  /** What one turn of the fast loop may write: two literals and a match. */
  private static final int FAST_OUTPUT = LONGEST + 2;

  /** What one turn of the fast loop may read: two refills, which look at eight bytes each. */
  private static final int FAST_INPUT = 2 * Long.BYTES;

  private static final int LITERAL_MASK = (1 << HuffmanTable.LITERAL_BITS) - 1;
  private static final int DISTANCE_MASK = (1 << HuffmanTable.DISTANCE_BITS) - 1;

  private enum State {
    BETWEEN_BLOCKS,
    STORED,
    SYMBOLS,
    ENDED
  }

  private final BlobInput input = new BlobInput();
  private final byte[] output = new byte[WINDOW + 2 * OUTPUT_BYTES + Long.BYTES];
  private final ByteBuffer view = ByteBuffer.wrap(output);
  private final BitCursor cursor = new BitCursor();
  private final DeflateBlock block = new DeflateBlock();
  private State state = State.ENDED;

  /** Index in {@link #output} of the first byte of these deflate data. */
  private int first;

  /** Index in {@link #output} behind the last byte. */
  private int at;

  /** Index in {@link #output} where this run must stop. */
  private int limit;

  private int storedLeft;
  private int matchLeft;
  private int matchDistance;

  RawInflater() {
    cursor.bytes = input.bytes;
  }

  /** What comes in. */
  BlobInput input() {
    return input;
  }

  /** Begins deflate data at the input's position. */
  void begin() {
    state = State.BETWEEN_BLOCKS;
    first = at;
    cursor.seek(input.start, 0, 0);
    matchLeft = 0;
  }

  /**
   * Goes on in deflate data where a block begins.
   *
   * @param bits 0 to 7, how many of the highest bits of the last byte belong to the block
   * @param lastByte the byte before the input's position; of no matter without bits
   * @param window the output before, at most 32 KiB
   */
  void resume(int bits, int lastByte, byte[] window) {
    at = 0;
    begin();
    System.arraycopy(window, 0, output, 0, window.length);
    at = window.length;
    cursor.seek(input.start, bits, lastByte);
  }

  /**
   * Inflates until something stops it.
   *
   * @param most output to make, 1 to {@link #OUTPUT_BYTES}
   * @throws DataFormatException if this is no deflate data, with what was found
   */
  Stop run(int most) throws DataFormatException {
    int room = Math.min(most, OUTPUT_BYTES);
    if (at + room > output.length - Long.BYTES) {
      slide();
    }
    int from = at;
    limit = at + room;
    cursor.next = input.start;
    cursor.end = input.end;
    try {
      return decode();
    } finally {
      cursor.putBack();
      input.start = cursor.next;
      view.limit(at).position(from);
    }
  }

  /** Makes room behind the window; there is more than one in front. */
  private void slide() {
    int dropped = at - WINDOW;
    System.arraycopy(output, dropped, output, 0, WINDOW);
    at = WINDOW;
    first = Math.max(0, first - dropped);
  }

  private Stop decode() throws DataFormatException {
    while (true) {
      switch (state) {
        case BETWEEN_BLOCKS -> {
          if (!block.open(cursor)) {
            return Stop.NEEDS_INPUT;
          }
          storedLeft = block.storedBytes();
          state = block.stored() ? State.STORED : State.SYMBOLS;
        }
        case STORED -> {
          if (!copyStored()) {
            return at == limit ? Stop.OUTPUT_FULL : Stop.NEEDS_INPUT;
          }
          return blockEnded();
        }
        case SYMBOLS -> {
          Stop stop = decodeSymbols();
          return stop == Stop.BLOCK_ENDED ? blockEnded() : stop;
        }
        case ENDED -> {
          return Stop.STREAM_ENDED;
        }
      }
    }
  }

  private Stop blockEnded() {
    cursor.putBack();
    if (!block.last()) {
      state = State.BETWEEN_BLOCKS;
      return Stop.BLOCK_ENDED;
    }
    cursor.seek(cursor.next, 0, 0);
    state = State.ENDED;
    return Stop.STREAM_ENDED;
  }

  private boolean copyStored() {
    int count = Math.min(storedLeft, Math.min(cursor.end - cursor.next, limit - at));
    System.arraycopy(cursor.bytes, cursor.next, output, at, count);
    cursor.next += count;
    at += count;
    storedLeft -= count;
    return storedLeft == 0;
  }

  private Stop decodeSymbols() throws DataFormatException {
    while (true) {
      if (!copyMatch()) {
        return Stop.OUTPUT_FULL;
      }
      if (cursor.end - cursor.next >= FAST_INPUT && limit - at >= FAST_OUTPUT && decodeFast()) {
        return Stop.BLOCK_ENDED;
      }
      if (at == limit) {
        return Stop.OUTPUT_FULL;
      }
      cursor.refill();
      int entry = block.literals().lookUp(cursor.hold);
      int length = entry & 0xf;
      if (length > cursor.bits) {
        return Stop.NEEDS_INPUT;
      }
      if (entry < 0) {
        output[at++] = (byte) (entry >>> 16);
        cursor.drop(length);
      } else if ((entry & HuffmanTable.SPECIAL) != 0) {
        requireEnd(entry);
        cursor.drop(length);
        return Stop.BLOCK_ENDED;
      } else if (!decodeMatch(entry)) {
        return Stop.NEEDS_INPUT;
      }
    }
  }

  /** Decodes a match whose length has this entry, unless not all of its bits are there. */
  private boolean decodeMatch(int entry) throws DataFormatException {
    long hold = cursor.hold;
    int extra = (entry >>> 8) & 0xf;
    int used = (entry & 0xf) + extra;
    int length = (entry >>> 16) + ((int) (hold >>> (entry & 0xf)) & ((1 << extra) - 1));
    int far = block.distances().lookUp(hold >>> used);
    int farExtra = (far >>> 8) & 0xf;
    int code = used + (far & 0xf);
    if (code > cursor.bits) {
      return false;
    }
    requireDistance(far);
    if (code + farExtra > cursor.bits) {
      return false;
    }
    matchDistance = (far >>> 16) + ((int) (hold >>> code) & ((1 << farExtra) - 1));
    requireReach(at, matchDistance);
    matchLeft = length;
    cursor.drop(code + farExtra);
    return true;
  }

  /** Copies what is left of a match, as far as there is room, and says whether that was all. */
  private boolean copyMatch() {
    while (matchLeft > 0 && at < limit) {
      output[at] = output[at - matchDistance];
      at++;
      matchLeft--;
    }
    return matchLeft == 0;
  }

  /** Decodes while nothing is near its end; whether the block has ended. */
  private boolean decodeFast() throws DataFormatException {
    byte[] in = cursor.bytes;
    byte[] out = output;
    int[] literals = block.literals().entries;
    int[] distances = block.distances().entries;
    int inLimit = cursor.end - FAST_INPUT;
    int outLimit = limit - FAST_OUTPUT;
    int next = cursor.next;
    long hold = cursor.hold;
    int bits = cursor.bits;
    int to = at;
    boolean ended = false;
    while (next <= inLimit && to <= outLimit) {
      // Bits above the count in "bits" are those of the byte at "next", which come again.
      hold |= (long) BitCursor.LONG.get(in, next) << bits;
      next += (63 - bits) >>> 3;
      bits |= 56;
      int entry = literals[(int) hold & LITERAL_MASK];
      if (entry < 0) {
        out[to++] = (byte) (entry >>> 16);
        hold >>>= entry;
        bits -= entry & 0xf;
        entry = literals[(int) hold & LITERAL_MASK];
        if (entry < 0) {
          out[to++] = (byte) (entry >>> 16);
          hold >>>= entry;
          bits -= entry & 0xf;
          continue;
        }
        hold |= (long) BitCursor.LONG.get(in, next) << bits;
        next += (63 - bits) >>> 3;
        bits |= 56;
      }
      if ((entry & HuffmanTable.SPECIAL) != 0) {
        if ((entry & HuffmanTable.DEEPER) != 0) {
          entry = literals[HuffmanTable.deeper(entry, hold, HuffmanTable.LITERAL_BITS)];
        }
        if (entry < 0) {
          out[to++] = (byte) (entry >>> 16);
          hold >>>= entry;
          bits -= entry & 0xf;
          continue;
        }
        if ((entry & HuffmanTable.SPECIAL) != 0) {
          requireEnd(entry);
          hold >>>= entry;
          bits -= entry & 0xf;
          ended = true;
          break;
        }
      }
      hold >>>= entry;
      int extra = (entry >>> 8) & 0xf;
      int length = (entry >>> 16) + ((int) hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= (entry & 0xf) + extra;
      entry = distances[(int) hold & DISTANCE_MASK];
      if ((entry & HuffmanTable.DEEPER) != 0) {
        entry = distances[HuffmanTable.deeper(entry, hold, HuffmanTable.DISTANCE_BITS)];
      }
      requireDistance(entry);
      hold >>>= entry;
      extra = (entry >>> 8) & 0xf;
      int distance = (entry >>> 16) + ((int) hold & ((1 << extra) - 1));
      hold >>>= extra;
      bits -= (entry & 0xf) + extra;
      requireReach(to, distance);
      copy(out, to, distance, length);
      to += length;
    }
    at = to;
    cursor.next = next;
    cursor.bits = bits;
    cursor.hold = hold & ((1L << bits) - 1);
    return ended;
  }

  /** Copies a match, and up to seven bytes more. */
  private static void copy(byte[] out, int to, int distance, int length) {
    int from = to - distance;
    int stop = to + length;
    if (distance >= Long.BYTES) {
      do {
        BitCursor.LONG.set(out, to, (long) BitCursor.LONG.get(out, from));
        to += Long.BYTES;
        from += Long.BYTES;
      } while (to < stop);
    } else if (distance == 1) {
      long same = (out[from] & 0xffL) * 0x0101010101010101L;
      do {
        BitCursor.LONG.set(out, to, same);
        to += Long.BYTES;
      } while (to < stop);
    } else {
      do {
        out[to++] = out[from++];
      } while (to < stop);
    }
  }

  private static void requireEnd(int entry) throws DataFormatException {
    if ((entry & HuffmanTable.END) == 0) {
      throw new DataFormatException("a code word of no literal or length");
    }
  }

  private static void requireDistance(int entry) throws DataFormatException {
    if ((entry & HuffmanTable.SPECIAL) != 0) {
      throw new DataFormatException("a code word of no distance");
    }
  }

  private void requireReach(int to, int distance) throws DataFormatException {
    if (distance > to - first) {
      throw new DataFormatException(
          "a distance of " + distance + " where there are " + (to - first) + " bytes");
    }
  }

  /** What the last {@link #run} made, from position to limit; good until the next one. */
  ByteBuffer output() {
    return view;
  }

  /** At the end of a block: how many of the highest bits of the last byte begin the next. */
  int unusedBits() {
    return cursor.bits;
  }

  /**
   * Copies the latest output of these deflate data, at most 32 KiB, and says how many bytes.
   *
   * @param into {@link Window#MAX_BYTES}
   */
  int copyWindow(byte[] into) {
    int count = Math.min(at - first, WINDOW);
    System.arraycopy(output, at - count, into, 0, count);
    return count;
  }
}
