package dev.longshore.lazy.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Go's quoted texts: The Go Programming Language Specification, "String literals". */
final class GoString {
  private GoString() {}

  /**
   * What stands between two quotes, without its escapes.
   *
   * @throws IllegalArgumentException for an escape that is none
   */
  static String unquote(String text, char quote) {
    var bytes = new ByteArrayOutputStream(text.length()); // \xff is a byte, not a character
    int at = 0;
    while (at < text.length()) {
      int c = text.codePointAt(at);
      at += Character.charCount(c);
      if (c != '\\') {
        put(bytes, c);
        continue;
      }
      if (at == text.length()) {
        throw new IllegalArgumentException("a backslash at the end");
      }
      char kind = text.charAt(at);
      at++;
      switch (kind) {
        case 'x' -> bytes.write(number(text, at, 2, 16));
        case 'u' -> put(bytes, number(text, at, 4, 16));
        case 'U' -> put(bytes, number(text, at, 8, 16));
        case '0', '1', '2', '3', '4', '5', '6', '7' -> {
          int octal = number(text, at - 1, 3, 8);
          if (octal > 0xff) {
            throw new IllegalArgumentException("\\" + Integer.toOctalString(octal));
          }
          bytes.write(octal);
        }
        default -> bytes.write(simple(kind, quote));
      }
      at +=
          switch (kind) {
            case 'x', '0', '1', '2', '3', '4', '5', '6', '7' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
          };
    }
    return bytes.toString(UTF_8);
  }

  private static int simple(char kind, char quote) {
    if (kind == quote) {
      return quote;
    }
    return switch (kind) {
      case 'a' -> 7;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'v' -> 11;
      case '\\' -> '\\';
      default -> throw new IllegalArgumentException("\\" + kind);
    };
  }

  private static int number(String text, int at, int digits, int radix) {
    if (at + digits > text.length()) {
      throw new IllegalArgumentException("a number that is too short");
    }
    int number = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = text.charAt(i) < 128 ? Character.digit(text.charAt(i), radix) : -1;
      if (digit < 0 || number >= 1 << 26) {
        throw new IllegalArgumentException("not a number: " + text.substring(at, at + digits));
      }
      number = number * radix + digit;
    }
    return number;
  }

  private static void put(ByteArrayOutputStream bytes, int codePoint) {
    if (!Character.isValidCodePoint(codePoint)) {
      throw new IllegalArgumentException("no character has number " + codePoint);
    }
    bytes.writeBytes(Character.toString(codePoint).getBytes(UTF_8));
  }
}
