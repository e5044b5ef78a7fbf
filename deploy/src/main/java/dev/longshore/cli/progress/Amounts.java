package dev.longshore.cli.progress;

import java.util.Locale;

/** Amounts of data and times as people read them; powers of 1000, as networks are sold. */
public final class Amounts {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Amounts() {}

  /** Such as {@code 202.5 MB}. */
  public static String bytes(double bytes) {
    int unit = unitOf(bytes);
    return number(bytes, unit) + " " + UNITS[unit];
  }

  /** As above. */
  public static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  /** Such as {@code 25.7 MB/s}. */
  public static String rate(double bytesPerSecond) {
    return bytes(bytesPerSecond) + "/s";
  }

  /** Such as {@code 88.1 of 202.5 MB}. */
  public static String share(long done, long total) {
    int unit = unitOf((double) total);
    return number((double) done, unit) + " of " + number((double) total, unit) + " " + UNITS[unit];
  }

  /** Such as {@code 0:04} or {@code 1:02:03}. */
  public static String time(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  private static int unitOf(double bytes) {
    int unit = 0;
    for (double rest = bytes; rest >= 999.95 && unit < UNITS.length - 1; rest /= 1000) {
      unit++;
    }
    return unit;
  }

  private static String number(double bytes, int unit) {
    return unit == 0
        ? String.valueOf(Math.round(bytes))
        : String.format(Locale.ROOT, "%.1f", bytes / Math.pow(1000, unit));
  }
}
