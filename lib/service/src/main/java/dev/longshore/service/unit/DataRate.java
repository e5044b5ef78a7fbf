package dev.longshore.service.unit;

/**
 * A speed.
 *
 * @param bytesPerSecond at least 1
 */
public record DataRate(long bytesPerSecond) {

  public DataRate {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a rate must be at least 1B/s, found " + bytesPerSecond + "B/s");
    }
  }

  /** Reads {@code 100MiB/s}, {@code 20MB/s}, {@code 10Gbit/s}. */
  public static DataRate parse(String text) {
    String trimmed = text.strip();
    try {
      if (trimmed.endsWith("bit/s")) {
        // "10Gbit/s" is decimal by custom; read it as "10GB" and divide by eight.
        String amount = trimmed.substring(0, trimmed.length() - "bit/s".length());
        return new DataRate(DataSize.parse(amount + "B").bytes() / 8);
      }
      if (trimmed.endsWith("/s")) {
        return new DataRate(DataSize.parse(trimmed.substring(0, trimmed.length() - 2)).bytes());
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(expected(text), e);
    }
    throw new IllegalArgumentException(expected(text));
  }

  private static String expected(String text) {
    return "expected a rate such as 100MiB/s, 20MB/s or 10Gbit/s, found \"" + text + '"';
  }

  @Override
  public String toString() {
    return new DataSize(bytesPerSecond) + "/s";
  }
}
