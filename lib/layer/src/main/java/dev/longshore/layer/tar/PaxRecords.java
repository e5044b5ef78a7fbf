package dev.longshore.layer.tar;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the records of a PAX extended header say of an entry (POSIX.1-2017, pax, "pax Extended
 * Header"), as far as a file system cares.
 *
 * <p>A value without bytes takes back what a global header said of that key; of an extended
 * attribute it is the value.
 */
final class PaxRecords {

  /** Most bytes of one extended header, as Go's archive/tar has it. */
  static final int MAX_BYTES = 1 << 20;

  /** Most bytes of keys and values that all global headers together may leave behind. */
  static final int MAX_GLOBAL_BYTES = 16 << 10;

  static final PaxRecords NONE = new PaxRecords(Map.of(), Collections.emptySortedMap());

  private final Map<String, String> values;
  private final SortedMap<String, String> xattrs;

  PaxRecords(Map<String, String> values, SortedMap<String, String> xattrs) {
    this.values = values;
    this.xattrs = xattrs;
  }

  /**
   * Reads the body of an extended header.
   *
   * @param offset of its first byte in the stream
   */
  static PaxRecords parse(byte[] body, long offset) throws MalformedTarException {
    Collector collector = new Collector(offset);
    int at = 0;
    while (at < body.length) {
      at = collector.record(body, at);
    }
    return collector.records();
  }

  /** The value of a key, null if nothing is said of it. */
  @Nullable String get(String key) {
    String value = values.get(key);
    return value == null || value.isEmpty() ? null : value;
  }

  /** Extended attributes, name to value; not to be changed. */
  SortedMap<String, String> xattrs() {
    return xattrs;
  }

  /** These records over those of global headers. */
  PaxRecords over(PaxRecords global) {
    if (global == NONE) {
      return this;
    }
    if (this == NONE) {
      return global;
    }
    Map<String, String> merged = new HashMap<>(global.values);
    merged.putAll(values);
    SortedMap<String, String> attributes = xattrs;
    if (xattrs.isEmpty()) {
      attributes = global.xattrs;
    } else if (!global.xattrs.isEmpty()) {
      attributes = new TreeMap<>(global.xattrs);
      attributes.putAll(xattrs);
      attributes = Collections.unmodifiableSortedMap(attributes);
    }
    return new PaxRecords(merged, attributes);
  }

  /** These records, from a global header, over those of the global headers before it. */
  PaxRecords overGlobal(PaxRecords global, long offset) throws MalformedTarException {
    for (String key : values.keySet()) {
      if (key.startsWith(Sparseness.PREFIX)) {
        throw new MalformedTarException(
            offset, "a global header that tells of all files", "the sparse map of one");
      }
    }
    PaxRecords merged = over(global);
    long bytes = bytes(merged.values) + bytes(merged.xattrs);
    if (bytes > MAX_GLOBAL_BYTES) {
      throw new MalformedTarException(
          offset,
          "global headers that say at most " + MAX_GLOBAL_BYTES + " bytes",
          bytes + " bytes");
    }
    return merged;
  }

  private static long bytes(Map<String, String> texts) {
    return texts.entrySet().stream()
        .mapToLong(e -> e.getKey().length() + e.getValue().length())
        .sum();
  }

  /** Takes records one by one and keeps those that matter. */
  private static final class Collector {
    private static final int SHORTEST = 5;

    private final long offset;
    private final Map<String, String> values = new HashMap<>();
    private final XattrRecords xattrs;
    private final StringBuilder sparseMap = new StringBuilder();
    private boolean sparseLengthIsNext;

    Collector(long offset) {
      this.offset = offset;
      this.xattrs = new XattrRecords(offset);
    }

    /** Takes the record that begins at an index, {@code length key=value\n}; gives its end. */
    int record(byte[] body, int from) throws MalformedTarException {
      int space = from;
      long length = 0;
      while (space < body.length && body[space] != ' ' && length >= 0) {
        length = Decimal.append(length, body[space++]);
      }
      if (space == body.length || length < SHORTEST || length > body.length - from) {
        throw refused(body, from);
      }
      int end = from + (int) length;
      int equals = space + 1;
      while (equals < end && body[equals] != '=') {
        equals++;
      }
      if (equals >= end || equals == space + 1 || body[end - 1] != '\n') {
        throw refused(body, from);
      }
      keep(text(body, space + 1, equals), body, equals + 1, end - 1);
      return end;
    }

    private void keep(String key, byte[] body, int from, int to) throws MalformedTarException {
      switch (key) {
        case "path", "linkpath", "size", "uid", "gid", "mtime" ->
            values.put(key, text(body, from, to));
        case Sparseness.OFFSET, Sparseness.NUMBYTES -> keepSparse(key, text(body, from, to));
        default -> {
          if (key.startsWith(Sparseness.PREFIX)) {
            values.put(key, text(body, from, to));
          } else {
            xattrs.offer(key, body, from, to);
          }
        }
      }
    }

    /** Version 0.0 of GNU's maps: the same two keys over and over, made into a map of 0.1 here. */
    private void keepSparse(String key, String value) throws MalformedTarException {
      if (sparseLengthIsNext != key.equals(Sparseness.NUMBYTES)) {
        throw new MalformedTarException(
            offset,
            sparseLengthIsNext ? Sparseness.NUMBYTES : Sparseness.OFFSET,
            MalformedTarException.quoted(key));
      }
      sparseMap.append(sparseMap.isEmpty() ? "" : ",").append(value);
      sparseLengthIsNext = !sparseLengthIsNext;
    }

    PaxRecords records() {
      if (!sparseMap.isEmpty()) {
        values.put(Sparseness.MAP, sparseMap.toString());
      }
      return new PaxRecords(values, xattrs.found());
    }

    private static String text(byte[] body, int from, int to) {
      return new String(body, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private MalformedTarException refused(byte[] body, int from) {
      String rest = text(body, from, Math.min(body.length, from + 100));
      return new MalformedTarException(
          offset + from,
          "a PAX record, its length, a space, key=value and a newline",
          MalformedTarException.quoted(rest));
    }
  }
}
