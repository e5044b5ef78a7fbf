package dev.longshore.service.http;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The Date header's value, made once a second. */
final class HttpDate {

  private record Formatted(long second, AsciiString text) {}

  private static volatile Formatted latest = format(0);

  private HttpDate() {}

  static AsciiString now() {
    long second = System.currentTimeMillis() / 1_000;
    Formatted known = latest;
    if (known.second() != second) {
      // Two threads may both format; the texts are equal.
      known = format(second);
      latest = known;
    }
    return known.text();
  }

  private static Formatted format(long second) {
    return new Formatted(
        second,
        AsciiString.cached(
            DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC))));
  }
}
