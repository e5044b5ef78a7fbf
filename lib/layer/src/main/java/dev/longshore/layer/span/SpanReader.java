package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads spans of compressed layers, one after another, and checks their digests.
 *
 * <p>A span is begun, fed with its compressed bytes as they come, and finished; or, if all is there
 * already, read at once. What is left of a span that failed or was given up is forgotten by
 * beginning another one. Until a span is finished its output is unchecked: it is as many bytes as
 * the span says or fewer, but any bytes.
 *
 * <p>Owned by one thread at a time; readers share nothing, so that one a thread lets all cores
 * inflate at once. Keeps buffers and native state from span to span: 250 KiB for gzip, and for zstd
 * 256 KiB and what the largest frame asked for, at most 128 MiB.
 */
public final class SpanReader implements AutoCloseable {
  private final Map<Compression, SpanInflater> inflaters = new EnumMap<>(Compression.class);
  private @Nullable SpanInflater inflater;
  private @Nullable SpanOutput output;
  private long position;

  /**
   * Begins a span.
   *
   * @param sink gets its output; what it throws goes on to the caller of {@link #feed}
   */
  public void begin(Span span, Compression compression, SpanSink sink) {
    SpanInflater chosen = inflaters.computeIfAbsent(compression, SpanReader::newInflater);
    SpanOutput begun = new SpanOutput(span, sink);
    chosen.begin(begun);
    inflater = chosen;
    output = begun;
    position = span.inputOffset();
  }

  private static SpanInflater newInflater(Compression compression) {
    return switch (compression) {
      case NONE -> new PlainSpanInflater();
      case GZIP -> new GzipSpanInflater();
      case ZSTD -> new ZstdSpanInflater();
    };
  }

  /**
   * Takes the next of the {@link Span#inputLength} bytes of the blob from {@link Span#inputOffset}
   * on.
   *
   * @param input from its position to its limit, where its position is afterwards; not changed
   * @throws MalformedLayerException if they are not what they have to be, naming the span
   */
  public void feed(ByteBuffer input) throws IOException {
    SpanOutput to = output;
    if (inflater == null || to == null) {
      throw new IllegalStateException("no span was begun");
    }
    position += input.remaining();
    try {
      inflater.feed(input);
    } catch (MalformedLayerException e) {
      throw e.in(to.span());
    }
    input.position(input.limit());
  }

  /**
   * Ends the span.
   *
   * @throws MalformedLayerException if not all of its output was there, or its digest is another,
   *     naming the span
   */
  public void finish() throws MalformedLayerException {
    SpanOutput to = output;
    if (to == null) {
      throw new IllegalStateException("no span was begun");
    }
    output = null;
    inflater = null;
    try {
      to.finish(position);
    } catch (MalformedLayerException e) {
      throw e.in(to.span());
    }
  }

  /**
   * Reads a span whose compressed bytes are all there.
   *
   * @param input what {@link #feed} takes
   * @param into with room for {@link Span#streamLength} bytes, by which its position moves on;
   *     after an exception any of them may have been written
   */
  public void read(Span span, Compression compression, ByteBuffer input, ByteBuffer into)
      throws MalformedLayerException {
    if (into.remaining() < span.streamLength()) {
      throw new IllegalArgumentException(
          "no room for " + span + ": there are " + into.remaining() + " bytes");
    }
    begin(span, compression, into::put);
    try {
      feed(input);
    } catch (MalformedLayerException e) {
      throw e;
    } catch (IOException e) {
      throw new AssertionError("a buffer throws nothing", e);
    }
    finish();
  }

  @Override
  public void close() {
    inflaters.values().forEach(SpanInflater::close);
    inflaters.clear();
    inflater = null;
    output = null;
  }
}
