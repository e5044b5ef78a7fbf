package dev.longshore.layer.span;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The output right before a span, at most 32 KiB, that deflate's references may reach (RFC 1951,
 * section 2). Bytes that none reaches may be zero; so a window packs well, and one that was read
 * stays packed until it is needed.
 */
public final class Window {

  /** Farthest that a reference of deflate reaches, bytes. */
  public static final int MAX_BYTES = 32 << 10;

  private final byte @Nullable [] bytes;
  private final @Nullable ByteBuffer packed;
  private final int length;

  private Window(byte @Nullable [] bytes, @Nullable ByteBuffer packed, int length) {
    this.bytes = bytes;
    this.packed = packed;
    this.length = length;
  }

  /**
   * A window of these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_BYTES}
   */
  public static Window of(byte[] bytes) {
    return owning(checked(bytes).clone());
  }

  private static byte[] checked(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a window has at most " + MAX_BYTES + " bytes, found " + bytes.length);
    }
    return bytes;
  }

  /** A window of this very array, which nobody changes from now on. */
  static Window owning(byte[] bytes) {
    return new Window(bytes, null, bytes.length);
  }

  /**
   * A window that stays packed.
   *
   * @param frame a zstd frame, from position to limit; kept, so nobody changes it from now on
   * @param length bytes of the window
   * @throws IllegalArgumentException if the frame does not unpack to so many bytes, or they are
   *     more than {@link #MAX_BYTES}
   */
  public static Window packed(ByteBuffer frame, int length) {
    if (length < 0 || length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a window has at most " + MAX_BYTES + " bytes, found " + length);
    }
    ByteBuffer kept = frame.slice();
    if (unpack(kept, length).length != length) {
      throw new IllegalArgumentException("a window does not unpack to " + length + " bytes");
    }
    return new Window(null, kept, length);
  }

  /** What a frame unpacks to if that is as long as expected; else something of another length. */
  private static byte[] unpack(ByteBuffer frame, int length) {
    byte[] content = new byte[frame.remaining()];
    frame.get(frame.position(), content);
    byte[] unpacked = new byte[length];
    long count = Zstd.decompressByteArray(unpacked, 0, length, content, 0, content.length);
    return count == length ? unpacked : new byte[length + 1];
  }

  /** Its bytes, unpacked; not to be changed. */
  byte[] array() {
    if (bytes != null) {
      return bytes;
    }
    byte[] unpacked = packed == null ? new byte[0] : unpack(packed, length);
    if (unpacked.length != length) {
      throw new IllegalStateException("a window has changed since it was read");
    }
    return unpacked;
  }

  /** A copy of its bytes. */
  public byte[] bytes() {
    return array().clone();
  }

  /** How many bytes it has. */
  public int length() {
    return length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Window window && Arrays.equals(array(), window.array());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array());
  }

  @Override
  public String toString() {
    return "window of " + length + " bytes";
  }
}
