package dev.longshore.layer.tar;

import dev.longshore.layer.RawText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The extended attributes in a PAX header, in the two forms that there are: {@code
 * SCHILY.xattr.name} with the bare value (star, GNU tar, Go) and {@code LIBARCHIVE.xattr.name},
 * name percent-encoded and value in base64 (libarchive, beside the other). Where both are, the
 * first is what containerd sets.
 */
final class XattrRecords {

  /** Most bytes of a value, as Linux has it ({@code XATTR_SIZE_MAX}). */
  static final int MAX_VALUE_BYTES = 64 << 10;

  private static final String SCHILY = "SCHILY.xattr.";
  private static final String LIBARCHIVE = "LIBARCHIVE.xattr.";

  private final long offset;
  private SortedMap<String, String> found = Collections.emptySortedMap();
  private SortedMap<String, String> libarchive = Collections.emptySortedMap();

  /** Those of a header whose body begins at an offset of the stream. */
  XattrRecords(long offset) {
    this.offset = offset;
  }

  /** Takes a record of any key; ignores what is no extended attribute. */
  void offer(String key, byte[] body, int from, int to) throws MalformedTarException {
    if (key.startsWith(SCHILY)) {
      found = put(found, key.substring(SCHILY.length()), Arrays.copyOfRange(body, from, to));
    } else if (key.startsWith(LIBARCHIVE)) {
      String name = percentDecoded(key.substring(LIBARCHIVE.length()));
      libarchive = put(libarchive, name, base64Decoded(Arrays.copyOfRange(body, from, to)));
    }
  }

  private SortedMap<String, String> put(SortedMap<String, String> map, String name, byte[] value)
      throws MalformedTarException {
    if (name.isEmpty()) {
      throw new MalformedTarException(offset, "the name of an extended attribute", "none");
    }
    if (value.length > MAX_VALUE_BYTES) {
      throw new MalformedTarException(
          offset,
          "an extended attribute of at most " + MAX_VALUE_BYTES + " bytes",
          MalformedTarException.quoted(name) + " of " + value.length + " bytes");
    }
    SortedMap<String, String> changed = map.isEmpty() ? new TreeMap<>() : map;
    changed.put(name, RawText.of(value));
    return changed;
  }

  private byte[] base64Decoded(byte[] value) throws MalformedTarException {
    try {
      return Base64.getDecoder().decode(value);
    } catch (IllegalArgumentException e) {
      throw new MalformedTarException(
          offset,
          "an extended attribute of libarchive in base64",
          MalformedTarException.quoted(RawText.of(value)));
    }
  }

  private static String percentDecoded(String name) {
    if (name.indexOf('%') < 0) {
      return name;
    }
    StringBuilder decoded = new StringBuilder();
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < bytes.length; i++) {
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (bytes[i] == '%' && high >= 0 && low >= 0) {
        decoded.append((char) (high << 4 | low));
        i += 2;
      } else {
        decoded.append((char) (bytes[i] & 0xff));
      }
    }
    return decoded.toString();
  }

  /** What was found, name to value; not to be changed. */
  SortedMap<String, String> found() {
    if (libarchive.isEmpty()) {
      return found.isEmpty() ? found : Collections.unmodifiableSortedMap(found);
    }
    libarchive.putAll(found);
    return Collections.unmodifiableSortedMap(libarchive);
  }
}
