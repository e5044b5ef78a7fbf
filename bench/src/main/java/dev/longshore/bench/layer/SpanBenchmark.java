package dev.longshore.bench.layer;

import dev.longshore.bench.content.LayerContent;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.ScannedLayer;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanReader;
import dev.longshore.layer.span.SpanScanner;
import dev.longshore.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A gzipped layer of 64 MiB, scanned and read in spans of 1 MiB, beside the JDK's own inflater with
 * the one SHA-256 that unpacking takes anyway. An operation is a MiB of output.
 */
@State(Scope.Thread)
public class SpanBenchmark {
  private static final int MIB = 64;
  private static final int BUFFER = 64 << 10;

  private final List<Span> spans = new ArrayList<>();
  private final SpanReader reader = new SpanReader();
  private final ByteBuffer into = ByteBuffer.allocateDirect(4 << 20);
  private final byte[] buffer = new byte[BUFFER];
  private ByteBuffer layer = ByteBuffer.allocate(0);
  private byte[] heap = new byte[0];

  @Setup
  public void prepare() throws IOException {
    layer = LayerContent.gzipped(LayerContent.tar(MIB << 20));
    heap = new byte[layer.remaining()];
    layer.get(0, heap);
    scan(spans);
  }

  private ScannedLayer scan(List<Span> found) throws IOException {
    try (SpanScanner scanner =
        SpanScanner.of(Compression.GZIP, SpanScanner.DEFAULT_SPAN, output -> {}, found::add)) {
      scanner.scan(layer.rewind());
      return scanner.finish();
    }
  }

  @Benchmark
  @OperationsPerInvocation(MIB)
  public ScannedLayer scan() throws IOException {
    return scan(new ArrayList<>(spans.size()));
  }

  @Benchmark
  @OperationsPerInvocation(MIB)
  public ByteBuffer read() throws IOException {
    for (Span span : spans) {
      int from = Math.toIntExact(span.inputOffset());
      layer.clear().position(from).limit(from + Math.toIntExact(span.inputLength()));
      reader.read(span, Compression.GZIP, layer, into.clear());
    }
    layer.clear();
    return into;
  }

  @Benchmark
  @OperationsPerInvocation(MIB)
  public byte[] baselineJdk() throws IOException {
    MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
    try (InputStream gzip = new GZIPInputStream(new ByteArrayInputStream(heap), BUFFER)) {
      for (int n; (n = gzip.read(buffer)) >= 0; ) {
        hasher.update(buffer, 0, n);
      }
    }
    return hasher.digest();
  }

  @TearDown
  public void close() {
    reader.close();
  }
}
