package dev.longshore.layer.imports;

import dev.longshore.layer.span.Compression;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a ztoc of SOCI, version 0.9, a FlatBuffer (soci-snapshotter, ztoc/fbs/ztoc.fbs). */
final class Ztoc {
  static final String WHAT = "ztoc";

  /** Longest ztoc; windows take 32 KiB a span. */
  static final int MAX_BYTES = 512 << 20;

  /** Most entries. */
  static final int MAX_ENTRIES = 1 << 20;

  // Numbers of fields in the schema.
  private static final int VERSION = 0;
  private static final int COMPRESSED_SIZE = 2;
  private static final int UNCOMPRESSED_SIZE = 3;
  private static final int TOC = 4;
  private static final int COMPRESSION_INFO = 5;
  private static final int TOC_METADATA = 0;
  private static final int ALGORITHM = 0;
  private static final int MAX_SPAN_ID = 1;
  private static final int SPAN_DIGESTS = 2;
  private static final int CHECKPOINTS = 3;
  private static final int GZIP = 1;
  private static final int UNCOMPRESSED = 2;

  private final long blobSize;
  private final long streamSize;
  private final FlatTable toc;
  private final FlatTable info;

  private Ztoc(FlatTable root) throws MalformedImportException {
    String version = root.getString(VERSION);
    if (!version.equals("0.9")) {
      throw new MalformedImportException(WHAT, "version 0.9", "version " + version);
    }
    blobSize = root.getLong(COMPRESSED_SIZE);
    streamSize = root.getLong(UNCOMPRESSED_SIZE);
    toc = present(root.getTable(TOC), "a TOC");
    info = present(root.getTable(COMPRESSION_INFO), "checkpoints");
  }

  static ImportedIndex read(byte[] bytes) throws MalformedImportException {
    if (bytes.length > MAX_BYTES) {
      throw new MalformedImportException(
          WHAT, "at most " + MAX_BYTES + " bytes", bytes.length + " bytes");
    }
    return new Ztoc(FlatTable.root(WHAT, bytes)).index();
  }

  private ImportedIndex index() throws MalformedImportException {
    int algorithm = info.getByte(ALGORITHM, GZIP);
    byte[] checkpoints = info.getBytes(CHECKPOINTS);
    return switch (algorithm) {
      case GZIP -> index(Compression.GZIP, Zinfo.gzip(checkpoints));
      case UNCOMPRESSED -> index(Compression.NONE, Zinfo.tar(checkpoints));
      default -> throw new MalformedImportException(WHAT, "gzip or none", "" + algorithm);
    };
  }

  private ImportedIndex index(Compression compression, List<Zinfo.Point> points)
      throws MalformedImportException {
    List<Digest> digests = digests();
    Zinfo.Point last = points.getLast();
    if (digests.size() != points.size() || info.getUnsignedInt(MAX_SPAN_ID) != points.size() - 1) {
      throw new MalformedImportException(
          WHAT, points.size() + " spans with a digest each", digests.size() + " digests");
    }
    if (last.blobOffset() >= blobSize || last.streamOffset() >= streamSize) {
      throw new MalformedImportException(
          WHAT,
          "spans within a blob of %d and a stream of %d bytes".formatted(blobSize, streamSize),
          "one at %d and %d".formatted(last.blobOffset(), last.streamOffset()));
    }
    List<ImportedSpan> spans = new ArrayList<>();
    List<RangeDigest> ranges = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      Zinfo.Point point = points.get(i);
      boolean isLast = i + 1 == points.size();
      long blobEnd = isLast ? blobSize : points.get(i + 1).blobOffset();
      long streamEnd = isLast ? streamSize : points.get(i + 1).streamOffset();
      // What hashes begins behind the gzip header; what is inflated begins with it.
      long blobStart = i == 0 ? 0 : point.blobOffset();
      spans.add(
          new ImportedSpan(
              blobStart,
              blobEnd - blobStart,
              point.streamOffset(),
              streamEnd - point.streamOffset(),
              point.restart()));
      long first = point.firstByte();
      ranges.add(new RangeDigest(RangeDigest.Of.BLOB, first, blobEnd - first, digests.get(i)));
    }
    return new ImportedIndex(compression, entries(), spans, ranges);
  }

  private List<Digest> digests() throws MalformedImportException {
    List<Digest> digests = new ArrayList<>();
    for (String text : info.getStrings(SPAN_DIGESTS, Zinfo.MAX_POINTS)) {
      digests.add(
          Digest.tryParse(text)
              .orElseThrow(() -> new MalformedImportException(WHAT, "digests of spans", text)));
    }
    return digests;
  }

  private List<TarEntry> entries() throws MalformedImportException {
    List<TarEntry> entries = new ArrayList<>();
    long end = 0;
    for (FlatTable file : toc.getTables(TOC_METADATA, MAX_ENTRIES)) {
      TarEntry entry = ZtocFile.entry(file, end, streamSize);
      entries.add(entry);
      if (!entry.data().isEmpty()) {
        Segment data = entry.data().getFirst();
        end = data.streamOffset() + data.length();
      }
    }
    return entries;
  }

  private static FlatTable present(@Nullable FlatTable table, String expected)
      throws MalformedImportException {
    if (table == null) {
      throw new MalformedImportException(WHAT, expected, "none");
    }
    return table;
  }
}
