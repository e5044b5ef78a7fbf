package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Finds the entries in the bytes of an index file, whatever state Chronicle Map left it in. */
final class IndexScan {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[16 << 10]);

  private static final int HIGHEST_ALGORITHM = highestAlgorithm();

  private IndexScan() {}

  /** Takes an entry that vouches for itself, and where it begins. */
  @FunctionalInterface
  interface Sink {
    void found(long at, byte[] key, byte[] value);
  }

  /*
   * Every byte may begin an entry. Nearly all of them are ruled out by the first four, which are
   * the digest's algorithm, a small number and never 0. Most of the file is zeros, and they are
   * skipped a stretch at a time: the next entry can begin three of them before they end.
   */
  static void forEach(MemorySegment file, Sink sink) {
    long last = file.byteSize() - IndexEntry.BYTES;
    long at = 0;
    while (at <= last) {
      if (file.get(ValueLayout.JAVA_LONG_UNALIGNED, at) == 0) {
        at += zeros(file, at) - (Integer.BYTES - 1);
        continue;
      }
      int algorithm = file.get(INT, at);
      if (algorithm > 0 && algorithm <= HIGHEST_ALGORITHM && tell(file, at, sink)) {
        at += IndexEntry.BYTES;
      } else {
        at++;
      }
    }
  }

  /** How many zeros follow, at least; never so few as four if eight do. */
  private static long zeros(MemorySegment file, long from) {
    long length = Math.min(ZEROS.byteSize(), file.byteSize() - from);
    long first = MemorySegment.mismatch(file, from, from + length, ZEROS, 0, length);
    return first < 0 ? length : first;
  }

  private static boolean tell(MemorySegment file, long at, Sink sink) {
    byte[] key = key(file, at);
    byte[] value = value(file, at);
    if (!IndexEntry.isRight(key, value)) {
      return false;
    }
    sink.found(at, key, value);
    return true;
  }

  /** The key of an entry that begins there. */
  static byte[] key(MemorySegment file, long at) {
    return file.asSlice(at, IndexEntry.KEY_BYTES).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The value of an entry that begins there. */
  static byte[] value(MemorySegment file, long at) {
    return file.asSlice(at + IndexEntry.KEY_BYTES, IndexEntry.VALUE_BYTES)
        .toArray(ValueLayout.JAVA_BYTE);
  }

  private static int highestAlgorithm() {
    int highest = 0;
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      highest = Math.max(highest, algorithm.wireCode());
    }
    return highest;
  }
}
