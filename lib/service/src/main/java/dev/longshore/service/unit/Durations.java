package dev.longshore.service.unit;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 5s}, {@code 250ms}, {@code 1h30m}. */
public final class Durations {

  private static final Pattern PART = Pattern.compile("(\\d+)(ms|us|ns|s|m|h|d)");

  private Durations() {}

  /** Reads one or more parts, such as {@code 1m30s}; a unit is needed, except for 0. */
  public static Duration parse(String text) {
    String trimmed = text.strip();
    if (trimmed.equals("0")) {
      return Duration.ZERO;
    }
    Duration total = Duration.ZERO;
    Matcher matcher = PART.matcher(trimmed);
    int at = 0;
    try {
      while (at < trimmed.length() && matcher.find(at) && matcher.start() == at) {
        total = total.plus(part(Long.parseLong(matcher.group(1)), matcher.group(2)));
        at = matcher.end();
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("the duration \"" + text + "\" is too long", e);
    }
    if (at == 0 || at < trimmed.length()) {
      throw new IllegalArgumentException(
          "expected a duration such as 5s, 250ms, 10m or 1h30m, found \"" + text + '"');
    }
    return total;
  }

  private static Duration part(long amount, String unit) {
    return switch (unit) {
      case "ns" -> Duration.ofNanos(amount);
      case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1_000));
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** The form that {@link #parse} reads back, for durations of whole microseconds or more. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    append(text, duration.toDaysPart(), "d");
    append(text, duration.toHoursPart(), "h");
    append(text, duration.toMinutesPart(), "m");
    append(text, duration.toSecondsPart(), "s");
    append(text, duration.toMillisPart(), "ms");
    append(text, duration.toNanosPart() / 1_000 % 1_000, "us");
    append(text, duration.toNanosPart() % 1_000, "ns");
    return text.toString();
  }

  private static void append(StringBuilder text, long amount, String unit) {
    if (amount != 0) {
      text.append(amount).append(unit);
    }
  }
}
