package dev.longshore.service.unit;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of data.
 *
 * @param bytes never negative
 */
public record DataSize(long bytes) implements Comparable<DataSize> {

  private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size cannot be negative: " + bytes);
    }
  }

  public static DataSize ofBytes(long bytes) {
    return new DataSize(bytes);
  }

  public static DataSize ofMebibytes(long mebibytes) {
    return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
  }

  /**
   * Reads {@code 512}, {@code 64KiB}, {@code 1.5GiB} (powers of 1024) or {@code 10MB} (powers of
   * 1000).
   */
  public static DataSize parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(expected(text));
    }
    double bytes = Double.parseDouble(matcher.group(1)) * unit(matcher.group(2), text);
    if (bytes >= Long.MAX_VALUE) {
      throw new IllegalArgumentException("the size \"" + text + "\" is too large");
    }
    if (!matcher.group(1).contains(".")) {
      // Exact beyond 2^53 too.
      return new DataSize(
          Math.multiplyExact(Long.parseLong(matcher.group(1)), unit(matcher.group(2), text)));
    }
    return new DataSize(Math.round(bytes));
  }

  private static long unit(String unit, String text) {
    return switch (unit.toLowerCase(Locale.ROOT)) {
      case "", "b" -> 1L;
      case "kib" -> 1L << 10;
      case "mib" -> 1L << 20;
      case "gib" -> 1L << 30;
      case "tib" -> 1L << 40;
      case "pib" -> 1L << 50;
      case "kb" -> 1_000L;
      case "mb" -> 1_000_000L;
      case "gb" -> 1_000_000_000L;
      case "tb" -> 1_000_000_000_000L;
      case "pb" -> 1_000_000_000_000_000L;
      default -> throw new IllegalArgumentException(expected(text));
    };
  }

  private static String expected(String text) {
    return "expected a size such as 64MiB, 1.5GiB, 10MB or 512, found \"" + text + '"';
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** The shortest exact form in powers of 1024, which {@link #parse} reads back. */
  @Override
  public String toString() {
    long value = bytes;
    int unit = 0;
    while (unit < BINARY.length - 1 && value >= 1024 && value % 1024 == 0) {
      value /= 1024;
      unit++;
    }
    return value + BINARY[unit];
  }

  /** A rounded form for people: {@code 1.4 GiB}. */
  public String rounded() {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = 0;
    while (unit < BINARY.length - 1 && value >= 1024) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, BINARY[unit]);
  }
}
