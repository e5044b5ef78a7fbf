package dev.longshore.layer.index;

import com.github.luben.zstd.Zstd;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;

/** Writes a layer index as a blob. */
final class IndexWriter {

  /*
   * The blob, numbers as LEB128 (7 bits a byte, the lowest first, the highest bit set in all but the
   * last), "digest" the wire code of its algorithm and its raw hash:
   *
   *   magic "LSLINDEX", version 1 (one byte)
   *   layer digest, compression (one byte), size of the layer
   *   diff ID, size of the stream
   *   number of spans, of entries
   *   length of each section that follows: spans, windows, entries
   *   spans    a zstd frame; each: bytes skipped since the end of the span before (in the blob, as
   *            difference of either sign), bytes in the blob, bytes in the stream, 0 for a fresh
   *            one or 1 + bits for one that begins midway, length of its window, length of that
   *            when packed; SHA-256 of its output
   *   windows  a zstd frame each, one after the other, so that one can be unpacked alone
   *   entries  a zstd frame; EntryWriter has the form
   *
   * What follows the sections is an error.
   */

  static final byte[] MAGIC = {'L', 'S', 'L', 'I', 'N', 'D', 'E', 'X'};
  static final int VERSION = 1;

  /** Most that comes before the sections. */
  private static final int HEAD_BYTES = 256;

  /** zstd's level for what is written once and sent to every node. */
  static final int SMALLEST = 19;

  /** zstd's level for what stays here. */
  static final int FASTEST = 1;

  private final int level;

  IndexWriter(int level) {
    this.level = level;
  }

  byte[] write(LayerIndex index) {
    ByteSink windows = new ByteSink();
    byte[] spans = pack(spans(index.spans(), windows));
    byte[] entries = pack(entries(index.entries()));
    // An index may have tens of MB, and is made beside other work: no more copies than must be.
    ByteSink blob =
        new ByteSink(Math.addExact(HEAD_BYTES + spans.length + entries.length, windows.length()));
    blob.raw(MAGIC);
    blob.octet(VERSION);
    blob.octet(index.layer().algorithm().wireCode());
    blob.raw(index.layer().hash());
    blob.octet(index.compression().code());
    blob.number(index.blobSize());
    blob.octet(index.diffId().algorithm().wireCode());
    blob.raw(index.diffId().hash());
    blob.number(index.streamSize());
    blob.number(index.spans().size());
    blob.number(index.entries().size());
    blob.number(spans.length);
    blob.number(windows.length());
    blob.number(entries.length);
    blob.raw(spans);
    blob.all(windows);
    blob.raw(entries);
    return blob.toBytes();
  }

  private byte[] spans(List<Span> spans, ByteSink windows) {
    ByteSink sink = new ByteSink();
    long blob = 0;
    for (Span span : spans) {
      sink.signed(span.blobOffset() - blob);
      blob = span.blobOffset() + span.blobLength();
      sink.number(span.blobLength());
      sink.number(span.streamLength());
      switch (span.restart()) {
        case Restart.Fresh() -> sink.octet(0);
        case Restart.Midway(int bits, var window) -> {
          byte[] packed = pack(window.bytes());
          sink.octet(1 + bits);
          sink.number(window.length());
          sink.number(packed.length);
          windows.raw(packed);
        }
      }
      sink.raw(span.digest().hash());
    }
    return sink.toBytes();
  }

  private byte[] entries(List<TarEntry> entries) {
    ByteSink sink = new ByteSink();
    EntryWriter writer = new EntryWriter(sink);
    entries.forEach(writer::write);
    return sink.toBytes();
  }

  private byte[] pack(byte[] content) {
    return Zstd.compress(content, level);
  }
}
