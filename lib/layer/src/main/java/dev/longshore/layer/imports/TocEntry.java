package dev.longshore.layer.imports;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An element of the {@code entries} of a TOC, field by field as the JSON has it; 0 or empty for
 * what it leaves out. Filled while the JSON is read, then not changed.
 */
final class TocEntry {
  String name = "";
  String type = "";
  String linkName = "";
  String modtime = "";
  String digest = "";
  String chunkDigest = "";
  String chunkType = "";
  long size;
  long mode;
  long uid;
  long gid;
  long devMajor;
  long devMinor;
  long offset;
  long endOffset;
  long innerOffset;
  long chunkOffset;
  long chunkSize;
  final SortedMap<String, String> xattrs = new TreeMap<>();

  /** Whether it is a further chunk of the file before it. */
  boolean isChunk() {
    return type.equals("chunk");
  }

  /** Whether its bytes are zeros that need not be fetched (zstd:chunked). */
  boolean isZeros() {
    return chunkType.equals("zeros");
  }
}
