package dev.longshore.bench.layer;

import com.github.luben.zstd.ZstdInputStream;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.erofs.ErofsImage;
import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.LayerIndexBuilder;
import dev.longshore.layer.index.MalformedIndexException;
import dev.longshore.layer.index.UnindexedLayerException;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanReader;
import dev.longshore.layer.tree.LayerTree;
import dev.longshore.layer.tree.RefusedLayerException;
import dev.longshore.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;

/** Builds a layer's index and reads the layer with it, beside inflating and hashing all of it. */
public final class LayerBench {
  private static final int CHUNK = 128 << 10;

  private final byte[] blob;
  private final Digest digest;
  private final Compression compression;
  private final LayerBenchSettings settings;

  private LayerBench(byte[] blob, LayerBenchSettings settings) {
    this.blob = blob;
    this.digest = Digest.sha256(blob);
    this.compression = Compression.detect(ByteBuffer.wrap(blob));
    this.settings = settings;
  }

  /** Measures and prints the tables. */
  public static void run(LayerBenchSettings settings, PrintStream out) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-layer")) {
      Path layer =
          settings.layer().isPresent() ? settings.layer().get() : MachineLayer.make(folder.path());
      new LayerBench(Files.readAllBytes(layer), settings).measure(out);
    }
  }

  private void measure(PrintStream out) throws Exception {
    LayerIndex index = build();
    byte[] encoded = index.encode();
    out.printf(
        "A layer of %,d bytes, %s, %,d uncompressed: %,d entries, %,d spans; %d rounds%n%n",
        blob.length,
        compression,
        index.streamSize(),
        index.entries().size(),
        index.spans().size(),
        settings.rounds());
    printSpeeds(index, out);
    out.println();
    printSizes(index, encoded, out);
  }

  private void printSpeeds(LayerIndex index, PrintStream out) throws Exception {
    Samples plain = new Samples();
    Samples built = new Samples();
    Samples one = new Samples();
    Samples two = new Samples();
    Samples erofs = new Samples();
    Samples decoded = new Samples();
    byte[] encoded = index.encode();
    for (int round = 0; round <= settings.rounds(); round++) {
      boolean measured = round > 0;
      add(plain, measured, seconds(this::inflateAndHash));
      add(built, measured, seconds(this::build));
      add(one, measured, seconds(() -> readSpans(index, 1)));
      add(two, measured, seconds(() -> readSpans(index, 2)));
      add(decoded, measured, seconds(() -> decode(encoded)));
      add(erofs, measured, seconds(() -> writeErofs(index)));
    }
    double megabytes = index.streamSize() / 1e6;
    double baseline = megabytes / plain.median();
    Table table = new Table("median", "MB/s of output", "÷ inflate and hash", "ms");
    row(table, "inflate and hash all of it, JDK, one thread", megabytes, plain, baseline);
    row(table, "build the index, files placed on a device", megabytes, built, baseline);
    row(table, "read every span alone, in disorder, 1 thread", megabytes, one, baseline);
    row(table, "the same with 2 threads", megabytes, two, baseline);
    table.row("decode the index", "", "", Table.figure(decoded.median() * 1000));
    table.row("tree, layout and EROFS image", "", "", Table.figure(erofs.median() * 1000));
    table.print(out);
  }

  private static void add(Samples samples, boolean measured, double seconds) {
    if (measured) {
      samples.add(seconds);
    }
  }

  private static void row(
      Table table, String what, double megabytes, Samples seconds, double baseline) {
    double rate = megabytes / seconds.median();
    table.row(
        what,
        Table.figure(rate),
        Table.ratio(rate, baseline),
        Table.figure(seconds.median() * 1000));
  }

  private void printSizes(LayerIndex index, byte[] encoded, PrintStream out)
      throws RefusedLayerException {
    long windows = (long) encoded.length - withoutWindows(index).encode().length;
    long entries = (long) encoded.length - withoutEntries(index).encode().length;
    long erofs = erofs(index).size();
    Table table = new Table("", "bytes", "of the layer", "an entry");
    size(table, "the index", encoded.length, index);
    size(table, "  entries", entries, index);
    size(table, "  windows", windows, index);
    size(table, "  spans and head", encoded.length - windows - entries, index);
    size(table, "EROFS image, made on each node", erofs, index);
    table.print(out);
  }

  private void size(Table table, String what, long bytes, LayerIndex index) {
    table.row(
        what,
        "%,d".formatted(bytes),
        "%.2f %%".formatted(100.0 * bytes / blob.length),
        Table.figure((double) bytes / Math.max(1, index.entries().size())));
  }

  private static LayerIndex withoutWindows(LayerIndex index) {
    List<Span> spans =
        index.spans().stream()
            .map(span ->
                new Span(
                    span.blobOffset(),
                    span.blobLength(),
                    span.streamOffset(),
                    span.streamLength(),
                    Restart.FRESH,
                    span.digest()))
            .toList();
    return new LayerIndex(
        index.layer(),
        index.blobSize(),
        index.compression(),
        index.diffId(),
        index.streamSize(),
        index.entries(),
        spans);
  }

  private static LayerIndex withoutEntries(LayerIndex index) {
    return new LayerIndex(
        index.layer(),
        index.blobSize(),
        index.compression(),
        index.diffId(),
        index.streamSize(),
        List.of(),
        index.spans());
  }

  private static double seconds(Callable<?> work) throws Exception {
    long before = System.nanoTime();
    Object result = work.call();
    double seconds = (System.nanoTime() - before) / 1e9;
    if (result == null) {
      throw new IllegalStateException("nothing was measured");
    }
    return seconds;
  }

  private byte[] inflateAndHash() throws IOException {
    MessageDigest hash = Digest.Algorithm.SHA256.newHasher();
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = uncompressed()) {
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        hash.update(chunk, 0, count);
      }
    }
    return hash.digest();
  }

  private InputStream uncompressed() throws IOException {
    InputStream in = new ByteArrayInputStream(blob);
    return switch (compression) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in, CHUNK);
      case ZSTD -> new ZstdInputStream(in);
    };
  }

  private LayerIndex build() throws IOException, UnindexedLayerException {
    try (LayerIndexBuilder builder =
        new LayerIndexBuilder(
            digest,
            compression,
            settings.span().bytes(),
            LayerIndex.DEFAULT_MEMORY,
            LayerIndexBuilder.FileBytes.NOBODY)) {
      for (int at = 0; at < blob.length; at += CHUNK) {
        builder.write(ByteBuffer.wrap(blob, at, Math.min(CHUNK, blob.length - at)));
      }
      return builder.finish();
    }
  }

  private Integer readSpans(LayerIndex index, int threads)
      throws InterruptedException, ExecutionException {
    List<Span> spans = new ArrayList<>(index.spans());
    Collections.shuffle(spans, new Random(1));
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int first = i;
        parts.add(pool.submit(() -> readSpans(spans, first, threads)));
      }
      int read = 0;
      for (Future<Integer> part : parts) {
        read += part.get();
      }
      return read;
    }
  }

  private int readSpans(List<Span> spans, int first, int step) throws IOException {
    int read = 0;
    try (SpanReader reader = new SpanReader()) {
      for (int i = first; i < spans.size(); i += step) {
        Span span = spans.get(i);
        reader.begin(span, compression, output -> output.position(output.limit()));
        reader.feed(ByteBuffer.wrap(blob, (int) span.inputOffset(), (int) span.inputLength()));
        reader.finish();
        read++;
      }
    }
    return read;
  }

  private static LayerIndex decode(byte[] encoded) throws MalformedIndexException {
    return LayerIndex.decode(ByteBuffer.wrap(encoded), LayerIndex.DEFAULT_MEMORY);
  }

  private static Long writeErofs(LayerIndex index) throws IOException, RefusedLayerException {
    ErofsImage image = erofs(index);
    image.writeTo(Channels.newChannel(OutputStream.nullOutputStream()));
    return image.size();
  }

  private static ErofsImage erofs(LayerIndex index) throws RefusedLayerException {
    return ErofsImage.of(
        LayerTree.of(index.entries()),
        DeviceLayout.of(index.entries()),
        UUID.nameUUIDFromBytes(index.layer().hash()));
  }
}
