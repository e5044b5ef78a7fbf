package dev.longshore.layer.imports;

import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads the {@code FileMetadata} of a ztoc.
 *
 * <p>Where extended attributes should be it has the entry's raw PAX records, and only those tell
 * that a file is sparse. One that is makes the ztoc useless: its size with holes is taken for the
 * bytes that the stream has.
 */
final class ZtocFile {
  private static final int MAX_RECORDS = 1 << 12;
  private static final String XATTR = "SCHILY.xattr.";
  private static final String SPARSE = "GNU.sparse.";

  // Numbers of fields in the schema.
  private static final int NAME = 0;
  private static final int TYPE = 1;
  private static final int OFFSET = 2;
  private static final int SIZE = 3;
  private static final int TARGET = 4;
  private static final int MODE = 5;
  private static final int UID = 6;
  private static final int GID = 7;
  private static final int MODIFIED = 10;
  private static final int MAJOR = 11;
  private static final int MINOR = 12;
  private static final int RECORDS = 13;
  private static final int RECORD_KEY = 0;
  private static final int RECORD_VALUE = 1;

  private ZtocFile() {}

  /**
   * The entry of a file.
   *
   * @param from where in the stream its data begins at the earliest
   * @param streamSize where it ends at the latest
   */
  static TarEntry entry(FlatTable file, long from, long streamSize)
      throws MalformedImportException {
    EntryFields fields =
        new EntryFields(
            Ztoc.WHAT,
            file.getString(NAME),
            file.getString(TYPE),
            file.getString(TARGET),
            file.getString(MODIFIED),
            file.getLong(SIZE),
            file.getLong(MODE),
            file.getUnsignedInt(UID),
            file.getUnsignedInt(GID),
            file.getLong(MAJOR),
            file.getLong(MINOR),
            xattrs(file));
    if (!fields.isFile() || fields.checkedSize() == 0) {
      return fields.entry(List.of());
    }
    long offset = file.getLong(OFFSET);
    if (offset < from || offset > streamSize - fields.checkedSize()) {
      throw new MalformedImportException(
          Ztoc.WHAT,
          "data of a file from %d up to %d".formatted(from, streamSize),
          "%d bytes at %d".formatted(fields.size(), offset));
    }
    return fields.entry(List.of(new Segment(0, offset, fields.checkedSize())));
  }

  private static SortedMap<String, String> xattrs(FlatTable file) throws MalformedImportException {
    SortedMap<String, String> xattrs = new TreeMap<>();
    for (FlatTable record : file.getTables(RECORDS, MAX_RECORDS)) {
      String key = record.getString(RECORD_KEY);
      if (key.startsWith(SPARSE)) {
        throw new MalformedImportException(Ztoc.WHAT, "files without holes", key);
      }
      if (key.startsWith(XATTR)) {
        xattrs.put(key.substring(XATTR.length()), record.getString(RECORD_VALUE));
      }
    }
    return xattrs;
  }
}
