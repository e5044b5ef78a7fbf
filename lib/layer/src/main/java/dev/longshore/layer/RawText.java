package dev.longshore.layer;

import java.nio.charset.StandardCharsets;

/**
 * Text of a file system as Linux has it, bytes of no particular encoding, kept in a {@link String}
 * of one character a byte (ISO 8859-1).
 *
 * <p>So nothing is lost of a name that is not UTF-8, {@link String#compareTo} orders as {@code
 * memcmp} does, and the JVM takes a byte for each character.
 */
public final class RawText {
  private RawText() {}

  /** These bytes as raw text. */
  public static String of(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Text of Java's as raw text: its UTF-8 bytes. */
  public static String ofUtf8(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes of raw text. */
  public static byte[] bytes(String raw) {
    return raw.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Raw text for people to read: as UTF-8, with a replacement for what is none. */
  public static String readable(String raw) {
    return new String(bytes(raw), StandardCharsets.UTF_8);
  }
}
