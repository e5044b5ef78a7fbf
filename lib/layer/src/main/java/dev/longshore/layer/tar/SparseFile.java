package dev.longshore.layer.tar;

import org.jspecify.annotations.Nullable;

/** A file with holes between its header and its data, while its map is being read. */
final class SparseFile {

  // The header of GNU's old form has four segments, each block after it 21 (tar.h of GNU tar).
  private static final int IN_HEADER = 386;
  private static final int MOST_IN_HEADER = 4;
  private static final int HEADER_IS_EXTENDED = 482;
  private static final int MOST_IN_BLOCK = 21;
  private static final int BLOCK_IS_EXTENDED = 504;
  private static final int NUMBER = 12;

  private final EntryHeaders headers;
  private final SparseMap map;
  private final @Nullable SparseMapText text;
  private long stored;
  private boolean mapped;

  private SparseFile(EntryHeaders headers, long realSize, boolean mapInData)
      throws MalformedTarException {
    if (headers.type() != EntryType.FILE) {
      throw new MalformedTarException(
          headers.offset(), "a sparse map of a file", "one of a " + headers.type());
    }
    this.headers = headers;
    this.map = new SparseMap(headers.offset(), realSize);
    this.text = mapInData ? new SparseMapText(map) : null;
    this.stored = headers.storedSize();
  }

  /** A file of the old GNU type S, of whose map the header has the start. */
  static SparseFile ofOldGnu(EntryHeaders headers, HeaderBlock block) throws MalformedTarException {
    if (!block.isGnu()) {
      throw new MalformedTarException(
          headers.offset(), "a GNU header for a sparse file (type S)", "another");
    }
    long realSize = block.gnuRealSize();
    if (realSize < 0) {
      throw new MalformedTarException(
          headers.offset(), "a real size of at least 0", String.valueOf(realSize));
    }
    SparseFile file = new SparseFile(headers, realSize, false);
    file.addAll(block, IN_HEADER, MOST_IN_HEADER, HEADER_IS_EXTENDED);
    return file;
  }

  /** A file that is sparse by its PAX records. */
  static SparseFile ofPax(EntryHeaders headers, Sparseness sparseness, PaxRecords pax)
      throws MalformedTarException {
    long realSize = Sparseness.realSize(pax, headers.storedSize(), headers.offset());
    boolean mapInData = sparseness == Sparseness.MAP_IN_DATA;
    SparseFile file =
        new SparseFile(headers.withPath(pax.get(Sparseness.NAME)), realSize, mapInData);
    if (!mapInData) {
      Sparseness.readMap(pax, file.map, headers.offset());
      file.mapped = true;
    }
    return file;
  }

  /** Whether the map is whole; else the next block belongs to it. */
  boolean isMapped() {
    return mapped;
  }

  /** Reads the next block of the map. */
  void read(HeaderBlock block) throws MalformedTarException {
    if (text == null) {
      addAll(block, 0, MOST_IN_BLOCK, BLOCK_IS_EXTENDED);
      return;
    }
    if (stored < HeaderBlock.BYTES) {
      throw map.refused("a map within its data", "a map longer than that");
    }
    stored -= HeaderBlock.BYTES;
    mapped = text.read(block.bytes());
  }

  private void addAll(HeaderBlock block, int from, int most, int extended)
      throws MalformedTarException {
    for (int i = 0; i < most; i++) {
      int at = from + i * 2 * NUMBER;
      if (block.isBlank(at)) {
        break;
      }
      map.add(
          block.number(at, NUMBER, "offset in a sparse map"),
          block.number(at + NUMBER, NUMBER, "length in a sparse map"));
    }
    mapped = block.isBlank(extended);
  }

  /** Bytes of data that follow the map in the stream. */
  long storedSize() {
    return stored;
  }

  /** The entry, once the map is whole and its data begins. */
  TarEntry entry(long dataOffset) throws MalformedTarException {
    return headers.entry(map.size(), map.segments(dataOffset, stored));
  }
}
