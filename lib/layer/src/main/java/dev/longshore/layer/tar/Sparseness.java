package dev.longshore.layer.tar;

import org.jspecify.annotations.Nullable;

/**
 * How the PAX records of an entry say that its file has holes (GNU tar manual, "Storing Sparse
 * Files"): in one of three versions, and two of those keep the map in records, one in the data.
 */
enum Sparseness {
  /** No file with holes, or one of the old GNU type, which has its map elsewhere. */
  NONE,

  /** Versions 0.0 and 0.1: the map is {@link #MAP}. */
  MAP_IN_RECORDS,

  /** Version 1.0: the map is at the start of the data. */
  MAP_IN_DATA;

  static final String PREFIX = "GNU.sparse.";
  static final String OFFSET = "GNU.sparse.offset";
  static final String NUMBYTES = "GNU.sparse.numbytes";
  static final String MAP = "GNU.sparse.map";
  static final String NAME = "GNU.sparse.name";
  private static final String NUMBLOCKS = "GNU.sparse.numblocks";
  private static final String MAJOR = "GNU.sparse.major";
  private static final String MINOR = "GNU.sparse.minor";
  private static final String SIZE = "GNU.sparse.size";
  private static final String REAL_SIZE = "GNU.sparse.realsize";

  /** The version that records are of; those of 0.0 and 0.1 need not say so. */
  static Sparseness of(PaxRecords pax, long offset) throws MalformedTarException {
    String major = pax.get(MAJOR);
    String minor = pax.get(MINOR);
    if (major == null && minor == null) {
      return pax.get(MAP) == null ? NONE : MAP_IN_RECORDS;
    }
    return switch (major + "." + minor) {
      case "0.0", "0.1" -> MAP_IN_RECORDS;
      case "1.0" -> MAP_IN_DATA;
      default ->
          throw new MalformedTarException(
              offset,
              "a GNU sparse file of version 0.0, 0.1 or 1.0",
              MalformedTarException.quoted(major + "." + minor));
    };
  }

  /** Size of the file with its holes; what the header says if no record does. */
  static long realSize(PaxRecords pax, long stored, long offset) throws MalformedTarException {
    @Nullable String size = pax.get(SIZE) == null ? pax.get(REAL_SIZE) : pax.get(SIZE);
    return size == null ? stored : Decimal.parse(size, offset, "size of a sparse file");
  }

  /** Reads the map of versions 0.0 and 0.1: offset and length of each segment, with commas. */
  static void readMap(PaxRecords pax, SparseMap map, long offset) throws MalformedTarException {
    String text = pax.get(MAP);
    int segments = 0;
    for (int from = 0; text != null && from <= text.length(); segments++) {
      int comma = text.indexOf(',', from);
      if (comma < 0) {
        throw new MalformedTarException(
            offset, "a sparse map of pairs", "an offset without a length");
      }
      int end = text.indexOf(',', comma + 1);
      end = end < 0 ? text.length() : end;
      map.add(
          Decimal.parse(text.substring(from, comma), offset, "offset in a sparse map"),
          Decimal.parse(text.substring(comma + 1, end), offset, "length in a sparse map"));
      from = end + 1;
    }
    String count = pax.get(NUMBLOCKS);
    if (count != null && Decimal.parse(count, offset, NUMBLOCKS) != segments) {
      throw new MalformedTarException(
          offset, "a sparse map of " + count + " segments", segments + " segments");
    }
  }
}
