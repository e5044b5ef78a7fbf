package dev.longshore.layer.tar;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * All that the headers of one entry say together, but for where its data lies.
 *
 * <p>A GNU long name goes before a PAX record and that before the header block, as in Go's
 * archive/tar.
 *
 * @param offset of the header block in the stream
 * @param storedSize bytes that follow in the stream, a sparse file's map among them
 */
record EntryHeaders(
    long offset,
    String path,
    EntryType type,
    int mode,
    long uid,
    long gid,
    Timestamp modified,
    long storedSize,
    String target,
    int major,
    int minor,
    SortedMap<String, String> xattrs) {

  private static final long MAX_ID = 0xffff_ffffL;

  /**
   * Merges headers.
   *
   * @param longPath of a header of type L, null if there was none
   * @param longTarget of a header of type K, null if there was none
   */
  static EntryHeaders of(
      HeaderBlock block, PaxRecords pax, @Nullable String longPath, @Nullable String longTarget)
      throws MalformedTarException {
    String path = first(longPath, pax.get("path"), block.path());
    EntryType type = type(block, path);
    boolean link = type == EntryType.SYMLINK || type == EntryType.HARD_LINK;
    boolean device = type == EntryType.CHARACTER_DEVICE || type == EntryType.BLOCK_DEVICE;
    return new EntryHeaders(
        block.offset(),
        path,
        type,
        block.mode(),
        within(MAX_ID, number(pax, "uid", block.uid(), block), "uid", block),
        within(MAX_ID, number(pax, "gid", block.gid(), block), "gid", block),
        modified(block, pax),
        storedSize(block, pax, type),
        link ? first(longTarget, pax.get("linkpath"), block.target()) : "",
        device ? deviceNumber(block.major(), block) : 0,
        device ? deviceNumber(block.minor(), block) : 0,
        pax.xattrs());
  }

  private static EntryType type(HeaderBlock block, String path) throws MalformedTarException {
    return switch (block.type()) {
      case '\0' -> path.endsWith("/") ? EntryType.DIRECTORY : EntryType.FILE;
      case '0', '7', 'S' -> EntryType.FILE;
      case '1' -> EntryType.HARD_LINK;
      case '2' -> EntryType.SYMLINK;
      case '3' -> EntryType.CHARACTER_DEVICE;
      case '4' -> EntryType.BLOCK_DEVICE;
      case '5', 'D' -> EntryType.DIRECTORY;
      case '6' -> EntryType.FIFO;
      case 'M' ->
          throw new MalformedTarException(
              block.offset(), "an archive in one volume", "a file that began in another (type M)");
      default ->
          throw new MalformedTarException(
              block.offset(),
              "an entry of a type that containerd unpacks",
              "type " + MalformedTarException.quoted(String.valueOf(block.type())));
    };
  }

  /** What has no data has none whatever its size says, but for a list of names (GNU dumpdir). */
  private static long storedSize(HeaderBlock block, PaxRecords pax, EntryType type)
      throws MalformedTarException {
    long size = number(pax, "size", block.size(), block);
    return type == EntryType.FILE || block.type() == 'D'
        ? within(Long.MAX_VALUE, size, "size", block)
        : 0;
  }

  private static Timestamp modified(HeaderBlock block, PaxRecords pax)
      throws MalformedTarException {
    String text = pax.get("mtime");
    return text == null ? new Timestamp(block.seconds(), 0) : Timestamp.parse(text, block.offset());
  }

  private static long number(PaxRecords pax, String key, long inBlock, HeaderBlock block)
      throws MalformedTarException {
    String text = pax.get(key);
    return text == null ? inBlock : Decimal.parse(text, block.offset(), "PAX " + key);
  }

  private static int deviceNumber(long number, HeaderBlock block) throws MalformedTarException {
    return (int) within(Integer.MAX_VALUE, number, "device number", block);
  }

  private static long within(long most, long number, String what, HeaderBlock block)
      throws MalformedTarException {
    if (number < 0 || number > most) {
      throw new MalformedTarException(
          block.offset(), "a " + what + " from 0 to " + most, String.valueOf(number));
    }
    return number;
  }

  private static String first(@Nullable String longName, @Nullable String record, String inBlock) {
    if (longName != null && !longName.isEmpty()) {
      return longName;
    }
    return record == null ? inBlock : record;
  }

  EntryHeaders withPath(@Nullable String other) {
    return other == null
        ? this
        : new EntryHeaders(
            offset,
            other,
            type,
            mode,
            uid,
            gid,
            modified,
            storedSize,
            target,
            major,
            minor,
            xattrs);
  }

  /** The entry, if its data lies in one piece or it has none. */
  TarEntry entry(long dataOffset) {
    boolean data = type == EntryType.FILE && storedSize > 0;
    return data
        ? entry(storedSize, List.of(new Segment(0, dataOffset, storedSize)))
        : entry(0, List.of());
  }

  /** The entry, if its data lies in these segments. */
  TarEntry entry(long size, List<Segment> data) {
    return new TarEntry(
        path,
        type,
        mode,
        uid,
        gid,
        modified.seconds(),
        modified.nanos(),
        size,
        target,
        major,
        minor,
        xattrs,
        data);
  }
}
