package dev.longshore.layer.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 512 bytes of a header block and what its fields hold (POSIX.1-2017, pax, "ustar Interchange
 * Format"; GNU tar manual, "Basic Tar Format"; star(5)).
 *
 * <p>The bytes are the parser's own and change with the next block: whoever needs a value later
 * takes it out.
 */
final class HeaderBlock {
  static final int BYTES = 512;

  /** Who wrote a header, which decides what follows byte 257. */
  private enum Dialect {
    V7,
    USTAR,
    STAR,
    GNU
  }

  private static final byte[] ZEROS = new byte[BYTES];

  private static final int SIZE = 124;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;
  private static final int PREFIX = 345;
  private static final int GNU_TIMES = 345;
  private static final int GNU_REAL_SIZE = 483;
  private static final int STAR_TRAILER = 508;

  private final byte[] bytes = new byte[BYTES];
  private long offset;
  private Dialect dialect = Dialect.V7;

  /** Where the bytes go. */
  byte[] bytes() {
    return bytes;
  }

  /** Where in the stream it begins. */
  long offset() {
    return offset;
  }

  boolean isZero() {
    return bytes[0] == 0 && Arrays.equals(bytes, ZEROS);
  }

  /** Takes the bytes for a header that begins at an offset of the stream, and checks its sum. */
  void open(long streamOffset) throws MalformedTarException {
    offset = streamOffset;
    checkSum();
    dialect = dialect();
  }

  private void checkSum() throws MalformedTarException {
    // Its own eight bytes count as spaces. Some old writers added up signed characters.
    int unsigned = 8 * ' ';
    int signed = 8 * ' ';
    for (int i = 0; i < BYTES; i++) {
      unsigned += bytes[i] & 0xff;
      signed += bytes[i];
    }
    for (int i = CHECKSUM; i < CHECKSUM + 8; i++) {
      unsigned -= bytes[i] & 0xff;
      signed -= bytes[i];
    }
    long written = octal(CHECKSUM, 8, "checksum");
    if (written != unsigned && written != signed) {
      throw new MalformedTarException(
          offset, "a header with checksum " + unsigned, "checksum " + written);
    }
  }

  private Dialect dialect() {
    if (has(MAGIC, "ustar\0")) {
      return has(STAR_TRAILER, "tar\0") ? Dialect.STAR : Dialect.USTAR;
    }
    return has(MAGIC, "ustar  \0") ? Dialect.GNU : Dialect.V7;
  }

  private boolean has(int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (bytes[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Type of the entry: one character, {@code '\0'} for what is older than types. */
  char type() {
    return (char) (bytes[TYPE] & 0xff);
  }

  boolean isGnu() {
    return dialect == Dialect.GNU;
  }

  String path() {
    String name = text(0, 100);
    String prefix =
        switch (dialect) {
          case V7 -> "";
          case USTAR -> text(PREFIX, 155);
          case STAR -> text(PREFIX, 131);
          case GNU -> gnuPrefix();
        };
    return prefix.isEmpty() ? name : prefix + '/' + name;
  }

  /**
   * GNU headers have two times where others have a prefix. Writers of Go before 1.8 put a prefix
   * there all the same (https://go.dev/issue/12594), so what is no time is one.
   */
  private String gnuPrefix() {
    if (isTime(GNU_TIMES) && isTime(GNU_TIMES + 12)) {
      return "";
    }
    String prefix = text(PREFIX, 155);
    return prefix.chars().allMatch(c -> c < 0x80) ? prefix : "";
  }

  private boolean isTime(int at) {
    if (bytes[at] < 0) {
      return true;
    }
    for (int i = at; i < at + 12; i++) {
      byte b = bytes[i];
      if (b != 0 && b != ' ' && !isOctal(b)) {
        return false;
      }
    }
    return true;
  }

  String target() {
    return text(157, 100);
  }

  int mode() throws MalformedTarException {
    return (int) number(100, 8, "mode") & 07777;
  }

  long uid() throws MalformedTarException {
    return number(108, 8, "uid");
  }

  long gid() throws MalformedTarException {
    return number(116, 8, "gid");
  }

  /** Bytes that follow in the stream, if the type has any. */
  long size() throws MalformedTarException {
    return number(SIZE, 12, "size");
  }

  long seconds() throws MalformedTarException {
    return number(136, 12, "time");
  }

  long major() throws MalformedTarException {
    return dialect == Dialect.V7 ? 0 : number(329, 8, "device major");
  }

  long minor() throws MalformedTarException {
    return dialect == Dialect.V7 ? 0 : number(337, 8, "device minor");
  }

  /** Size of an old GNU sparse file with its holes. */
  long gnuRealSize() throws MalformedTarException {
    return number(GNU_REAL_SIZE, 12, "real size");
  }

  /** Text up to a NUL or the end of its field. */
  private String text(int at, int length) {
    int end = at;
    while (end < at + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
  }

  boolean isBlank(int at) {
    return bytes[at] == 0;
  }

  /** Octal digits, or two's complement in all bits but the first, which is set (GNU, star). */
  long number(int at, int length, String what) throws MalformedTarException {
    if (bytes[at] >= 0) {
      return octal(at, length, what);
    }
    boolean negative = (bytes[at] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = at; i < at + length; i++) {
      int b = i == at && !negative ? bytes[i] & 0x7f : bytes[i] & 0xff;
      if (value != (value << 8) >> 8) {
        throw new MalformedTarException(offset, "a " + what + " of at most 64 bits", "more");
      }
      value = value << 8 | b;
    }
    if (value < 0 != negative) {
      throw new MalformedTarException(offset, "a " + what + " of at most 64 bits", "more");
    }
    return value;
  }

  /** Digits between spaces and NULs; nothing but those is zero, as Go's archive/tar has it. */
  private long octal(int at, int length, String what) throws MalformedTarException {
    int i = at;
    int end = at + length;
    while (i < end && (bytes[i] == ' ' || bytes[i] == 0)) {
      i++;
    }
    long value = 0;
    for (; i < end && isOctal(bytes[i]); i++) {
      value = value << 3 | bytes[i] - '0';
    }
    if (i < end && bytes[i] != ' ' && bytes[i] != 0) {
      String field = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
      throw new MalformedTarException(
          offset, "an octal " + what, MalformedTarException.quoted(field));
    }
    return value;
  }

  private static boolean isOctal(byte b) {
    return b >= '0' && b <= '7';
  }
}
