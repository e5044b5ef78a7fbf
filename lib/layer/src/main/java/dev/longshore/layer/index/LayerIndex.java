package dev.longshore.layer.index;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What makes one layer lazy: its table of contents, and the spans it can be inflated from.
 *
 * <p>It says what the tar stream holds, in the order of the stream, and nothing of what is made of
 * it: every node derives the same tree, the same device and the same file system from it with
 * {@link dev.longshore.layer.tree.LayerTree} and {@link dev.longshore.layer.device.DeviceLayout}.
 * So an index that lies can at most describe files that nobody packed, and a kernel never reads
 * metadata that came from elsewhere.
 *
 * @param layer digest of the compressed layer
 * @param blobSize bytes of the compressed layer
 * @param compression of the layer
 * @param diffId digest of the uncompressed stream (OCI image-spec, config.md, "Layer DiffID")
 * @param streamSize bytes of the uncompressed stream
 * @param entries of the tar stream, in its order
 * @param spans that cover the stream from its first byte to its last, in order
 */
public record LayerIndex(
    Digest layer,
    long blobSize,
    Compression compression,
    Digest diffId,
    long streamSize,
    List<TarEntry> entries,
    List<Span> spans) {

  /** Media type of an encoded index, and the artifact type of the manifest that refers to it. */
  public static final String MEDIA_TYPE = "application/vnd.longshore.layer-index.v1";

  /** Memory that the entries of an index may take unless told otherwise: some 600,000 files. */
  public static final long DEFAULT_MEMORY = 192L << 20;

  public LayerIndex {
    entries = List.copyOf(entries);
    spans = List.copyOf(spans);
  }

  /** This index as a blob, as small as it gets; the same index gives the same bytes. */
  public byte[] encode() {
    return new IndexWriter(IndexWriter.SMALLEST).write(this);
  }

  /** This index as a blob to keep here, a little larger and made in no time. */
  public byte[] encodeFast() {
    return new IndexWriter(IndexWriter.FASTEST).write(this);
  }

  /**
   * Reads an index and checks it: what it says may still be a lie, but one that holds together.
   *
   * @param blob the encoded index, from its position to its limit, which stay as they are; kept for
   *     its windows, so nobody may change it
   * @param mostMemory that the entries may take, bytes
   * @throws MalformedIndexException if it is none, or contradicts itself
   */
  public static LayerIndex decode(ByteBuffer blob, long mostMemory) throws MalformedIndexException {
    return IndexReader.read(blob, mostMemory);
  }

  /**
   * Checks that the parts agree: spans follow each other without a gap, lie within the blob, the
   * data of the entries lies within the stream, one after the other, and all of it fits a device.
   *
   * @throws MalformedIndexException naming the first part that does not
   */
  void check() throws MalformedIndexException {
    checkSpans();
    long stream = 0;
    for (int i = 0; i < entries.size(); i++) {
      stream = checkData(i, stream);
    }
    try {
      var _ = DeviceLayout.of(entries);
    } catch (IllegalArgumentException e) {
      throw new MalformedIndexException(String.valueOf(e.getMessage()), e);
    }
  }

  private void checkSpans() throws MalformedIndexException {
    long stream = 0;
    long blob = 0;
    for (int i = 0; i < spans.size(); i++) {
      Span span = spans.get(i);
      if (span.streamOffset() != stream || span.streamLength() < 1) {
        throw new MalformedIndexException(
            "span %d has %d bytes at %d of the stream, expected some at %d"
                .formatted(i, span.streamLength(), span.streamOffset(), stream));
      }
      if (span.blobOffset() < blob
          || span.blobLength() < 0
          || span.blobLength() > blobSize - span.blobOffset()) {
        throw new MalformedIndexException(
            "span %d has %d bytes at %d of a layer of %d"
                .formatted(i, span.blobLength(), span.blobOffset(), blobSize));
      }
      if (span.streamLength() > streamSize - stream) {
        throw new MalformedIndexException(
            "span %d reaches beyond the stream's %d bytes".formatted(i, streamSize));
      }
      stream += span.streamLength();
      blob = span.blobOffset();
    }
    if (stream != streamSize) {
      throw new MalformedIndexException(
          "the spans end at %d of %d bytes".formatted(stream, streamSize));
    }
  }

  /** Returns where the data of this entry ends in the stream; that of the next must follow. */
  private long checkData(int number, long streamSoFar) throws MalformedIndexException {
    TarEntry entry = entries.get(number);
    long file = 0;
    long stream = streamSoFar;
    for (Segment segment : entry.data()) {
      if (segment.fileOffset() < file || segment.length() > entry.size() - segment.fileOffset()) {
        throw new MalformedIndexException(
            "entry %d has data at %d beyond its %d bytes, or twice"
                .formatted(number, segment.fileOffset(), entry.size()));
      }
      if (segment.streamOffset() < stream
          || segment.length() > streamSize - segment.streamOffset()) {
        throw new MalformedIndexException(
            "entry %d has data at %d of the stream, expected it from %d to %d"
                .formatted(number, segment.streamOffset(), stream, streamSize));
      }
      file = segment.fileOffset() + segment.length();
      stream = segment.streamOffset() + segment.length();
    }
    return stream;
  }
}
