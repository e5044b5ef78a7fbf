package dev.longshore.origin.api;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One range of a body (RFC 9110, section 14).
 *
 * @param offset of its first byte
 * @param length at least 1
 */
record ByteRange(long offset, long length) {

  // 18 digits fit a long whatever they are.
  private static final Pattern ONE =
      Pattern.compile("bytes=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*", Pattern.CASE_INSENSITIVE);

  /** The range cannot be had of a body of this size. */
  static final class UnsatisfiableException extends Exception {
    private static final long serialVersionUID = 1;

    UnsatisfiableException(String header, long size) {
      super("the range " + header + " is not in a body of " + size + " bytes");
    }
  }

  /**
   * Reads a Range header. One that asks for several ranges, or that is not understood, is ignored
   * as RFC 9110 allows, and the whole body is sent.
   *
   * @param size of the whole body
   */
  static Optional<ByteRange> parse(String header, long size) throws UnsatisfiableException {
    Matcher matcher = ONE.matcher(header);
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return Optional.empty();
    }
    long first;
    long last = size - 1;
    if (matcher.group(1).isEmpty()) {
      long suffix = Long.parseLong(matcher.group(2));
      first = suffix == 0 ? size : Math.max(0, size - suffix);
    } else {
      first = Long.parseLong(matcher.group(1));
      if (!matcher.group(2).isEmpty()) {
        last = Math.min(last, Long.parseLong(matcher.group(2)));
      }
    }
    if (first > last) {
      throw new UnsatisfiableException(header.strip(), size);
    }
    return Optional.of(new ByteRange(first, last - first + 1));
  }

  /** The Content-Range header of the answer. */
  String contentRange(long size) {
    return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
  }
}
