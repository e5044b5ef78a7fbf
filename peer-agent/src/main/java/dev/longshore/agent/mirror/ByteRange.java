package dev.longshore.agent.mirror;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a blob that a request wants (RFC 9110, section 14).
 *
 * @param offset first byte
 * @param length bytes, at least one unless the whole blob is empty
 * @param partial whether the answer is a 206
 */
record ByteRange(long offset, long length, boolean partial) {
  private static final Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** Longest range that is taken for a lazy read: a SOCI span; eStargz and Nydus read less. */
  private static final long MOST_LAZY = 4 << 20;

  /**
   * Reads a Range header; one that is absent, malformed or names several ranges means the whole
   * blob, as the RFC allows.
   *
   * @return empty when the range lies outside the blob: a 416
   */
  static Optional<ByteRange> of(@Nullable String header, long size) {
    ByteRange whole = new ByteRange(0, size, false);
    if (header == null) {
      return Optional.of(whole);
    }
    Matcher range = SINGLE.matcher(header.strip());
    if (!range.matches()) {
      return Optional.of(whole);
    }
    String first = range.group(1);
    String last = range.group(2);
    if (first.isEmpty()) {
      return last.isEmpty() ? Optional.of(whole) : suffix(Long.parseLong(last), size);
    }
    long from = Long.parseLong(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
    if (from >= size || to < from) {
      return Optional.empty();
    }
    return Optional.of(new ByteRange(from, Math.min(to, size - 1) - from + 1, true));
  }

  private static Optional<ByteRange> suffix(long wanted, long size) {
    long length = Math.min(wanted, size);
    return length == 0 ? Optional.empty() : Optional.of(new ByteRange(size - length, length, true));
  }

  /**
   * Whether it looks like a read of a lazy snapshotter: a short range. A client that goes on with a
   * cut pull asks for all the rest, which is longer or soon here.
   */
  boolean isLazy() {
    return partial && length <= MOST_LAZY;
  }

  /** The Content-Range header of a 206. */
  String contentRange(long size) {
    return "bytes " + offset + "-" + (offset + length - 1) + "/" + size;
  }
}
