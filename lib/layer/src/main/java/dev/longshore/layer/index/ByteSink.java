package dev.longshore.layer.index;

import dev.longshore.layer.RawText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Bytes of an index as they are written: numbers as LEB128, texts after their length. */
final class ByteSink {
  private final ByteArrayOutputStream bytes;

  ByteSink() {
    this(32);
  }

  /** A sink that will take about so many bytes. */
  ByteSink(int expected) {
    bytes = new ByteArrayOutputStream(expected);
  }

  int length() {
    return bytes.size();
  }

  void octet(int value) {
    bytes.write(value);
  }

  /** A number from 0 to 2^63 - 1, seven bits a byte, the lowest first. */
  void number(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("cannot write " + value + ": a number is not negative");
    }
    long rest = value;
    while (rest > 0x7f) {
      bytes.write(((int) rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }

  /** A number of either sign, small when near 0. */
  void signed(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    octet((int) (zigzag & 1));
    number(zigzag >>> 1);
  }

  void text(String raw) {
    number(raw.length());
    bytes.writeBytes(RawText.bytes(raw));
  }

  void raw(byte[] content) {
    bytes.writeBytes(content);
  }

  /** What another sink has taken. */
  void all(ByteSink other) {
    try {
      other.bytes.writeTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has none
    }
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
