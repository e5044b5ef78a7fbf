package dev.longshore.layer.index;

import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStream;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.Window;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what {@link IndexWriter} writes, and believes none of it. */
final class IndexReader {

  /** Entries of a layer; the largest images that are known have some hundred thousand. */
  static final int MAX_ENTRIES = 4_000_000;

  /** Of a layer of a TiB, in spans of 1 MiB. */
  private static final int MAX_SPANS = 1 << 20;

  private static final int BUFFER = 64 << 10;

  private final ByteBuffer blob;
  private final ByteBuffer rest;
  private final ByteSource source;
  private final long mostMemory;

  private IndexReader(ByteBuffer blob, long mostMemory) {
    this.blob = blob.slice();
    this.rest = blob.slice();
    this.source = new ByteSource(new BufferInput(rest));
    this.mostMemory = mostMemory;
  }

  /**
   * Reads and checks an index.
   *
   * @param blob from its position to its limit, which stay as they are; kept for the windows
   * @param mostMemory that the entries may take, bytes
   * @throws MalformedIndexException if it is none, says what cannot be, or contradicts itself
   */
  static LayerIndex read(ByteBuffer blob, long mostMemory) throws MalformedIndexException {
    try {
      LayerIndex index = new IndexReader(blob, mostMemory).read();
      index.check();
      return index;
    } catch (IOException | ZstdException e) {
      throw new MalformedIndexException("not a layer index: " + e.getMessage(), e);
    }
  }

  private LayerIndex read() throws IOException, MalformedIndexException {
    if (!Arrays.equals(source.raw(IndexWriter.MAGIC.length), IndexWriter.MAGIC)) {
      throw new MalformedIndexException("not a layer index: it begins with something else");
    }
    int version = source.octet();
    if (version != IndexWriter.VERSION) {
      throw new MalformedIndexException(
          "a layer index of version %d; this build reads %d"
              .formatted(version, IndexWriter.VERSION));
    }
    Digest layer = digest();
    Compression compression = compression(source.octet());
    long blobSize = source.number();
    Digest diffId = digest();
    long streamSize = source.number();
    int spanCount = source.count("number of spans", MAX_SPANS);
    int entryCount = source.count("number of entries", MAX_ENTRIES);
    int spansLength = source.count("length of spans", blob.limit());
    int windowsLength = source.count("length of windows", blob.limit());
    int entriesLength = source.count("length of entries", blob.limit());
    long sections = (long) spansLength + windowsLength + entriesLength;
    if (sections != rest.remaining()) {
      throw new MalformedIndexException(
          "sections of %d bytes expected, found %d".formatted(sections, rest.remaining()));
    }
    int spansAt = blob.limit() - rest.remaining();
    int windowsAt = spansAt + spansLength;
    List<Span> spans = spans(spansAt, spansLength, windowsAt, windowsLength, spanCount);
    List<TarEntry> entries = entries(windowsAt + windowsLength, entriesLength, entryCount);
    return new LayerIndex(layer, blobSize, compression, diffId, streamSize, entries, spans);
  }

  private Digest digest() throws IOException, MalformedIndexException {
    int code = source.octet();
    Digest.Algorithm algorithm =
        Digest.Algorithm.ofWireCode(code)
            .orElseThrow(() -> new MalformedIndexException("no digest algorithm has code " + code));
    return Digest.of(algorithm, source.raw(algorithm.bytes()));
  }

  private static Compression compression(int code) throws MalformedIndexException {
    for (Compression compression : Compression.values()) {
      if (compression.code() == code) {
        return compression;
      }
    }
    throw new MalformedIndexException("no compression has code " + code);
  }

  private List<Span> spans(int at, int length, int windowsAt, int windowsLength, int count)
      throws IOException, MalformedIndexException {
    List<Span> spans = new ArrayList<>();
    int windowAt = windowsAt;
    int windowsEnd = windowsAt + windowsLength;
    try (var unpacked = unpacked(at, length)) {
      ByteSource in = new ByteSource(unpacked);
      long stream = 0;
      long blobEnd = 0;
      for (int i = 0; i < count; i++) {
        long blobOffset = sum(blobEnd, in.signed());
        long blobLength = in.number();
        blobEnd = sum(blobOffset, blobLength);
        long streamLength = in.number();
        int kind = in.octet();
        Restart restart = Restart.FRESH;
        if (kind > 0) {
          int window = in.count("a window", Window.MAX_BYTES);
          int packed = in.count("a packed window", windowsEnd - windowAt);
          restart = new Restart.Midway(bits(kind), window(windowAt, packed, window));
          windowAt += packed;
        }
        Digest digest = Digest.of(Digest.Algorithm.SHA256, in.raw(Digest.Algorithm.SHA256.bytes()));
        spans.add(span(blobOffset, blobLength, stream, streamLength, restart, digest));
        stream = sum(stream, streamLength);
      }
      checkEnd(unpacked, "spans");
    }
    if (windowAt != windowsEnd) {
      throw new MalformedIndexException((windowsEnd - windowAt) + " bytes of windows are nobody's");
    }
    return spans;
  }

  private static Span span(
      long blobOffset,
      long blobLength,
      long streamOffset,
      long streamLength,
      Restart restart,
      Digest digest)
      throws MalformedIndexException {
    try {
      return new Span(blobOffset, blobLength, streamOffset, streamLength, restart, digest);
    } catch (IllegalArgumentException e) {
      throw new MalformedIndexException(String.valueOf(e.getMessage()), e);
    }
  }

  private static int bits(int kind) throws MalformedIndexException {
    if (kind > 8) {
      throw new MalformedIndexException("a span begins 0 to 7 bits early, found " + (kind - 1));
    }
    return kind - 1;
  }

  private Window window(int at, int packed, int length) throws MalformedIndexException {
    try {
      return Window.packed(blob.slice(at, packed), length);
    } catch (IllegalArgumentException e) {
      throw new MalformedIndexException(String.valueOf(e.getMessage()), e);
    }
  }

  private List<TarEntry> entries(int at, int length, int count)
      throws IOException, MalformedIndexException {
    List<TarEntry> entries = new ArrayList<>();
    try (var unpacked = unpacked(at, length)) {
      EntryReader reader = new EntryReader(new ByteSource(unpacked), mostMemory);
      for (int i = 0; i < count; i++) {
        entries.add(reader.read());
      }
      checkEnd(unpacked, "entries");
    }
    return entries;
  }

  private BufferedInputStream unpacked(int at, int length) throws IOException {
    return new BufferedInputStream(
        new ZstdInputStream(new BufferInput(blob.slice(at, length))), BUFFER);
  }

  private static void checkEnd(BufferedInputStream in, String what)
      throws IOException, MalformedIndexException {
    if (in.read() >= 0) {
      throw new MalformedIndexException("there are more " + what + " than it says");
    }
  }

  private static long sum(long one, long other) throws MalformedIndexException {
    try {
      return Math.addExact(one, other);
    } catch (ArithmeticException e) {
      throw new MalformedIndexException("a number overflows", e);
    }
  }
}
