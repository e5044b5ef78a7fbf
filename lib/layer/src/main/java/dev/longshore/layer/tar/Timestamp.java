package dev.longshore.layer.tar;

/**
 * A point in time as an entry has it.
 *
 * @param seconds since 1970, rounded down
 * @param nanos of that second, 0 to 999,999,999
 */
record Timestamp(long seconds, int nanos) {
  private static final int SECOND = 1_000_000_000;
  private static final int DIGITS = 9;

  /** A PAX time: seconds, then perhaps a point and a fraction, of which nine digits count. */
  static Timestamp parse(String value, long offset) throws MalformedTarException {
    boolean negative = value.startsWith("-");
    int point = value.indexOf('.');
    String whole = value.substring(negative ? 1 : 0, point < 0 ? value.length() : point);
    long seconds = Decimal.parse(whole, offset, "PAX time");
    int nanos = point < 0 ? 0 : fraction(value, point + 1, offset);
    if (!negative) {
      return new Timestamp(seconds, nanos);
    }
    return nanos == 0 ? new Timestamp(-seconds, 0) : new Timestamp(-seconds - 1, SECOND - nanos);
  }

  private static int fraction(String value, int from, long offset) throws MalformedTarException {
    int nanos = 0;
    for (int i = 0; i < Math.max(DIGITS, value.length() - from); i++) {
      char digit = from + i < value.length() ? value.charAt(from + i) : '0';
      if (digit < '0' || digit > '9') {
        throw Decimal.refused(value, offset, "PAX time");
      }
      if (i < DIGITS) {
        nanos = nanos * 10 + (digit - '0');
      }
    }
    return nanos;
  }
}
