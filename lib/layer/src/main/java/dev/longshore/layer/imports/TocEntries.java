package dev.longshore.layer.imports;

import dev.longshore.layer.span.Compression;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of what a TOC lists: a file is an element of type {@code reg} and the elements of
 * type {@code chunk} right after it.
 */
final class TocEntries {
  private static final String WHAT = TocJson.WHAT;

  private final MemberStream stream;
  private final List<TarEntry> entries = new ArrayList<>();
  private @Nullable TocEntry file;
  private final List<TocEntry> chunks = new ArrayList<>();

  TocEntries(long dataEnd) {
    stream = new MemberStream(dataEnd);
  }

  /** Takes the next element. */
  void add(TocEntry element) throws MalformedImportException {
    if (element.isChunk()) {
      if (file == null) {
        throw new MalformedImportException(WHAT, "a chunk after its file", "one after another");
      }
      chunks.add(element);
      return;
    }
    finishFile();
    if (element.type.equals("reg")) {
      file = element;
      chunks.add(element);
    } else {
      entries.add(fields(element).entry(List.of()));
    }
  }

  /** The index of all elements. */
  ImportedIndex index(Compression compression) throws MalformedImportException {
    finishFile();
    return new ImportedIndex(compression, entries, stream.spans(), stream.digests());
  }

  private void finishFile() throws MalformedImportException {
    TocEntry whole = file;
    if (whole == null) {
      return;
    }
    EntryFields fields = fields(whole);
    entries.add(fields.entry(data(whole, fields.checkedSize())));
    file = null;
    chunks.clear();
  }

  private List<Segment> data(TocEntry whole, long size) throws MalformedImportException {
    List<Segment> segments = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < chunks.size() && size > 0; i++) {
      TocEntry chunk = chunks.get(i);
      // A size of 0 means the rest of the file.
      long length = chunk.chunkSize == 0 ? size - at : chunk.chunkSize;
      if (chunk.chunkOffset != at || length < 1 || length > size - at) {
        throw new MalformedImportException(
            WHAT,
            "a chunk from %d up to %d at most".formatted(at, size),
            "%d bytes at %d".formatted(length, chunk.chunkOffset));
      }
      if (!chunk.isZeros()) {
        long blobEnd = i + 1 < chunks.size() ? chunks.get(i + 1).offset : whole.endOffset;
        boolean sameMember = blobEnd == chunk.offset;
        append(
            segments,
            stream.add(
                at,
                length,
                chunk.offset,
                sameMember ? whole.endOffset : blobEnd,
                chunk.innerOffset,
                digest(chunk)));
      }
      at += length;
    }
    if (at != size) {
      throw new MalformedImportException(
          WHAT, "chunks of all " + size + " bytes of a file", "of " + at);
    }
    return List.copyOf(segments);
  }

  private static void append(List<Segment> segments, Segment next) {
    if (!segments.isEmpty()) {
      Segment last = segments.getLast();
      if (last.fileOffset() + last.length() == next.fileOffset()
          && last.streamOffset() + last.length() == next.streamOffset()) {
        segments.removeLast();
        segments.add(
            new Segment(last.fileOffset(), last.streamOffset(), last.length() + next.length()));
        return;
      }
    }
    segments.add(next);
  }

  /** That of the chunk, or of the file if it is all of it; bare hex is SHA-256. */
  private Digest digest(TocEntry chunk) throws MalformedImportException {
    String text = chunk.chunkDigest;
    if (text.isEmpty() && chunks.size() == 1) {
      text = chunk.digest;
    }
    return Digest.tryParse(text.contains(":") ? text : "sha256:" + text)
        .orElseThrow(
            () -> new MalformedImportException(WHAT, "a digest of all data", "none or another"));
  }

  private static EntryFields fields(TocEntry element) {
    return new EntryFields(
        WHAT,
        element.name,
        element.type,
        element.linkName,
        element.modtime,
        element.size,
        element.mode,
        element.uid,
        element.gid,
        element.devMajor,
        element.devMinor,
        element.xattrs);
  }
}
