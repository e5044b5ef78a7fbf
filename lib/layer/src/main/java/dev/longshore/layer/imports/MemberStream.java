package dev.longshore.layer.imports;

import dev.longshore.layer.span.Restart;
import dev.longshore.layer.tar.Segment;
import dev.longshore.oci.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * The stream that the members of a blob make whose whole output nobody knows ({@link
 * ImportedIndex}): takes what files hold, in the order of the blob, and lays it out.
 */
final class MemberStream {
  private static final String WHAT = TocJson.WHAT;

  private final long dataEnd;
  private final List<ImportedSpan> spans = new ArrayList<>();
  private final List<RangeDigest> digests = new ArrayList<>();
  private long memberAt = -1;
  private long memberEnd;
  private long memberStart;
  private long end;

  /** An empty stream of a blob whose files end before an offset. */
  MemberStream(long dataEnd) {
    this.dataEnd = dataEnd;
  }

  /**
   * Adds bytes of a file.
   *
   * @param blobOffset where the member begins that they are in
   * @param blobEnd where it ends at the latest, 0 if unknown
   * @param inner where in its output they begin
   */
  Segment add(
      long fileOffset, long length, long blobOffset, long blobEnd, long inner, Digest digest)
      throws MalformedImportException {
    long latest = blobEnd == 0 ? dataEnd : blobEnd;
    if (blobOffset < 0 || latest <= blobOffset || latest > dataEnd) {
      throw new MalformedImportException(
          WHAT, "data before " + dataEnd, "data from " + blobOffset + " to " + latest);
    }
    if (blobOffset < memberAt) {
      throw new MalformedImportException(
          WHAT, "data in the order of the blob", blobOffset + " after " + memberAt);
    }
    if (blobOffset > memberAt) {
      finishMember(blobOffset);
      memberAt = blobOffset;
      memberStart = end;
    }
    if (inner < end - memberStart || inner > Long.MAX_VALUE / 4 - end) {
      throw new MalformedImportException(
          WHAT, "data apart from other data of its member", "data at " + inner);
    }
    memberEnd = latest;
    long at = memberStart + inner;
    end = at + length;
    digests.add(new RangeDigest(RangeDigest.Of.STREAM, at, length, digest));
    return new Segment(fileOffset, at, length);
  }

  private void finishMember(long next) {
    if (memberAt >= 0) {
      spans.add(
          new ImportedSpan(
              memberAt,
              Math.min(next, memberEnd) - memberAt,
              memberStart,
              end - memberStart,
              new Restart.Fresh()));
    }
  }

  /** Every member that has bytes of a file; nothing is to be added after. */
  List<ImportedSpan> spans() {
    finishMember(dataEnd);
    return spans;
  }

  List<RangeDigest> digests() {
    return digests;
  }
}
