package dev.longshore.layer.tar;

/** Numbers as PAX headers and sparse maps have them: decimal digits and nothing else. */
final class Decimal {
  private static final int MOST_DIGITS = 19;

  private Decimal() {}

  /**
   * The number that a value is.
   *
   * @param offset where in the stream to say it is wrong
   * @param what it is, for the message
   */
  static long parse(String value, long offset, String what) throws MalformedTarException {
    long number = 0;
    for (int i = 0; i < value.length(); i++) {
      number = append(number, value.charAt(i));
      if (number < 0) {
        throw refused(value, offset, what);
      }
    }
    if (value.isEmpty()) {
      throw refused(value, offset, what);
    }
    return number;
  }

  /** The number with one more digit; negative if that is none or it is more than 63 bits. */
  static long append(long number, int digit) {
    if (digit < '0' || digit > '9' || number > (Long.MAX_VALUE - (digit - '0')) / 10) {
      return -1;
    }
    return number * 10 + (digit - '0');
  }

  static MalformedTarException refused(String value, long offset, String what) {
    return new MalformedTarException(
        offset,
        "a decimal " + what + " of at most " + MOST_DIGITS + " digits",
        MalformedTarException.quoted(value));
  }
}
