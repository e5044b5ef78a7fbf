package dev.longshore.layer.span;

import java.util.Arrays;

/**
 * The output right before a span, at most 32 KiB, that deflate's references may reach (RFC 1951,
 * section 2). Bytes that none reaches may be zero.
 */
public final class Window {

  /** Farthest that a reference of deflate reaches, bytes. */
  public static final int MAX_BYTES = 32 << 10;

  private final byte[] bytes;

  private Window(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A window of these bytes, which are copied.
   *
   * @throws IllegalArgumentException if there are more than {@link #MAX_BYTES}
   */
  public static Window of(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a window has at most " + MAX_BYTES + " bytes, found " + bytes.length);
    }
    return new Window(bytes.clone());
  }

  /** A window of this very array, which nobody changes from now on. */
  static Window owning(byte[] bytes) {
    return new Window(bytes);
  }

  /** Its very bytes, not to be changed. */
  byte[] array() {
    return bytes;
  }

  /** A copy of its bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** How many bytes it has. */
  public int length() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Window window && Arrays.equals(bytes, window.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "window of " + bytes.length + " bytes";
  }
}
