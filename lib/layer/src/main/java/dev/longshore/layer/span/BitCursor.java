package dev.longshore.layer.span;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Where a decoder of deflate stands: bytes, of which some bits are taken already. */
final class BitCursor {
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  byte[] bytes = new byte[0];

  /** Index of the next byte that {@link #hold} has not. */
  int next;

  /** Index behind the last byte. */
  int end;

  /** Bits taken from the bytes and not used yet, the next one lowest; zero above. */
  long hold;

  /** How many bits {@link #hold} has. */
  int bits;

  /**
   * Goes to an index, with some bits of the byte before it.
   *
   * @param count 0 to 7, of the highest bits of {@code lastByte}
   */
  void seek(int index, int count, int lastByte) {
    next = index;
    bits = count;
    hold = (lastByte & 0xffL) >>> (Byte.SIZE - count);
  }

  /** Takes as many bytes as {@link #hold} has room for; afterwards it has 56 bits or all. */
  void refill() {
    if (end - next >= Long.BYTES) {
      hold |= (long) LONG.get(bytes, next) << bits;
      int taken = (63 - bits) >>> 3;
      next += taken;
      bits += taken << 3;
      hold &= (1L << bits) - 1;
      return;
    }
    while (bits < 56 && next < end) {
      hold |= (bytes[next++] & 0xffL) << bits;
      bits += Byte.SIZE;
    }
  }

  /** Uses the lowest bits up. */
  int take(int count) {
    int value = (int) hold & ((1 << count) - 1);
    drop(count);
    return value;
  }

  /** Uses the lowest bits up. */
  void drop(int count) {
    hold >>>= count;
    bits -= count;
  }

  /** Puts whole bytes back that were taken and not used: {@link #hold} has 0 to 7 bits then. */
  void putBack() {
    next -= bits >>> 3;
    bits &= 7;
    hold &= (1L << bits) - 1;
  }
}
