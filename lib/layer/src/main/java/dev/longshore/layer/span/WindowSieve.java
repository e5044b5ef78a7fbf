package dev.longshore.layer.span;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.DataFormatException;

/** Finds which bytes of its window a span needs. */
final class WindowSieve {

  /*
   * Only the first 32 KiB of a span's output can refer to what was before it, and most of what they
   * do refer to they refer to in themselves. So the symbols of just those are decoded once more,
   * from a copy of the compressed bytes, to see which bytes of the window any match copies from
   * directly; a match that copies what another one brought needs nothing more. The rest of the
   * window becomes zero and takes next to nothing in an index. rapidgzip does the same
   * (github.com/mxmlnkl/rapidgzip, "sparse windows").
   *
   * The copy has room for what 32 KiB of output take in any sane stream. If blocks without output
   * take more, the window stays as it is.
   */
  private static final int REACH = Window.MAX_BYTES;
  private static final int INPUT_BYTES = 64 << 10;

  private final byte[] window = new byte[REACH];
  private final byte[] input = new byte[INPUT_BYTES];
  private final BitSet needed = new BitSet(REACH);
  private final BitCursor cursor = new BitCursor();
  private final DeflateBlock block = new DeflateBlock();
  private int windowBytes;
  private int inputBytes;
  private int bits;
  private int lastByte;
  private long output;
  private boolean open;

  /** Begins with a span that begins where the inflater is. */
  void begin(RawInflater inflater) {
    windowBytes = inflater.copyWindow(window);
    bits = inflater.unusedBits();
    lastByte = inflater.input().lastByte();
    inputBytes = inflater.input().peek(input);
    output = 0;
    open = true;
  }

  /** Sees what was offered to the inflater: the buffer's bytes from an index to its position. */
  void offer(ByteBuffer blob, int from) {
    if (open && output < REACH) {
      int count = Math.min(blob.position() - from, INPUT_BYTES - inputBytes);
      blob.get(from, input, inputBytes, count);
      inputBytes += count;
    }
  }

  /** Sees how many bytes of the span the inflater made. */
  void produced(int bytes) {
    if (open) {
      output += bytes;
    }
  }

  /** Sees that what comes belongs to another member, or to a span that needs no window. */
  void stop() {
    open = false;
  }

  /** How to restart at this span, which has ended. */
  Restart restart() {
    open = false;
    needed.clear();
    int goal = (int) Math.min(output, REACH);
    if (!mark(goal)) {
      return new Restart.Midway(bits, Window.of(Arrays.copyOf(window, windowBytes)));
    }
    int first = needed.isEmpty() ? windowBytes : needed.nextSetBit(0);
    byte[] sparse = new byte[windowBytes - first];
    for (int from = needed.nextSetBit(0); from >= 0; ) {
      int to = needed.nextClearBit(from);
      System.arraycopy(window, from, sparse, from - first, to - from);
      from = needed.nextSetBit(to);
    }
    return new Restart.Midway(bits, Window.owning(sparse));
  }

  /** Marks what the output up to a goal needs, and says whether it came so far. */
  private boolean mark(int goal) {
    cursor.bytes = input;
    cursor.end = inputBytes;
    cursor.seek(0, bits, lastByte);
    int at = 0;
    try {
      while (at < goal && block.open(cursor)) {
        if (block.stored()) {
          at += block.storedBytes();
          cursor.next = Math.min(cursor.end, cursor.next + block.storedBytes());
        } else {
          at = markSymbols(at, goal);
          if (at < 0) {
            return false;
          }
        }
      }
    } catch (DataFormatException e) {
      // The inflater took the same bytes, so this would be a fault of the decoder: the window that
      // it was to thin out is right as it is.
      return false;
    }
    return at >= goal;
  }

  /** Goes through a block's symbols, and says how much output there is then; -1 if bits lack. */
  private int markSymbols(int at, int goal) throws DataFormatException {
    HuffmanTable literals = block.literals();
    HuffmanTable distances = block.distances();
    while (at < goal) {
      cursor.refill();
      int entry = literals.lookUp(cursor.hold);
      if ((entry & 0xf) > cursor.bits) {
        return -1;
      }
      cursor.drop(entry & 0xf);
      if (entry < 0) {
        at++;
        continue;
      }
      if ((entry & HuffmanTable.SPECIAL) != 0) {
        return at;
      }
      if (((entry >>> 8) & 0xf) > cursor.bits) {
        return -1;
      }
      int length = number(entry);
      entry = distances.lookUp(cursor.hold);
      if ((entry & HuffmanTable.SPECIAL) != 0
          || (entry & 0xf) + ((entry >>> 8) & 0xf) > cursor.bits) {
        return -1;
      }
      cursor.drop(entry & 0xf);
      int from = windowBytes + at - number(entry);
      if (from < windowBytes) {
        needed.set(Math.max(from, 0), Math.min(from + length, windowBytes));
      }
      at += length;
    }
    return at;
  }

  private int number(int entry) {
    return (entry >>> 16) + cursor.take((entry >>> 8) & 0xf);
  }
}
