package dev.longshore.bench.pieces;

import dev.longshore.bench.content.LayerContent;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.piece.PieceMap;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * What compressing pieces costs and gains, beside what is done to every byte anyway: sending it by
 * sendfile, receiving it, hashing it. Speeds are by the CPU time of the thread that does it, so
 * that other load on the machine does not count, and of bytes before compression.
 */
final class CompressionBench {
  private static final int PIECE = 1 << 20;
  private static final int CONTENT = 64 << 20;

  private final int rounds;
  private final PrintStream out;

  private CompressionBench(int rounds, PrintStream out) {
    this.rounds = rounds;
    this.out = out;
  }

  static void run(int rounds, PrintStream out) throws IOException, InterruptedException {
    CompressionBench bench = new CompressionBench(rounds, out);
    ByteBuffer tar = LayerContent.tar(CONTENT);
    ByteBuffer gzipped = LayerContent.gzipped(tar);
    out.printf(
        Locale.ROOT,
        "pieces of 1 MiB; %d MiB of a tar of files under /usr, which gzip makes %.1f MiB%n",
        tar.remaining() >> 20,
        gzipped.remaining() / 1048576.0);
    bench.measure("uncompressed layer", tar);
    bench.measure("gzipped layer", gzipped);
    bench.measureWhatIsDoneAnyway(tar);
  }

  private void measure(String what, ByteBuffer content) {
    Table table = new Table(what, "size", "compress, MB/s of CPU", "decompress, MB/s of CPU");
    for (Codec codec : Codec.all()) {
      Samples compress = new Samples();
      Samples decompress = new Samples();
      double ratio = 1;
      for (int round = -1; round < rounds; round++) {
        List<ByteBuffer> compressed = new ArrayList<>();
        List<ByteBuffer> pieces = pieces(content);
        for (ByteBuffer piece : pieces) {
          compressed.add(ByteBuffer.allocateDirect(codec.bound(piece.remaining())));
        }
        long start = cpuNanos();
        for (int i = 0; i < pieces.size(); i++) {
          codec.compress(pieces.get(i), compressed.get(i));
        }
        long between = cpuNanos();
        long size = compressed.stream().mapToLong(ByteBuffer::remaining).sum();
        ByteBuffer back = ByteBuffer.allocateDirect(PIECE);
        long again = cpuNanos();
        for (ByteBuffer piece : compressed) {
          codec.decompress(piece, back);
        }
        long end = cpuNanos();
        ratio = (double) size / content.remaining();
        if (round >= 0) { // the first one warms up
          compress.add(content.remaining() * 1e3 / (between - start));
          decompress.add(content.remaining() * 1e3 / (end - again));
        }
      }
      table.row(
          codec.name(),
          String.format(Locale.ROOT, "%.1f %%", 100 * ratio),
          Table.figure(compress.median()),
          Table.figure(decompress.median()));
    }
    out.println();
    table.print(out);
  }

  private static List<ByteBuffer> pieces(ByteBuffer content) {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (int at = 0; at < content.remaining(); at += PIECE) {
      pieces.add(content.slice(at, Math.min(PIECE, content.remaining() - at)));
    }
    return pieces;
  }

  private void measureWhatIsDoneAnyway(ByteBuffer content)
      throws IOException, InterruptedException {
    Samples hash = new Samples();
    Samples send = new Samples();
    Samples receive = new Samples();
    MessageDigest hasher = PieceMap.newHasher();
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-compression")) {
      Path file = folder.path().resolve("content");
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        for (ByteBuffer left = content.duplicate(); left.hasRemaining(); ) {
          channel.write(left);
        }
        for (int round = -1; round < rounds; round++) {
          long start = cpuNanos();
          for (ByteBuffer piece : pieces(content)) {
            hasher.update(piece);
            hasher.digest();
          }
          long hashed = cpuNanos() - start;
          long[] moved = send(channel);
          if (round >= 0) {
            hash.add(content.remaining() * 1e3 / hashed);
            send.add(content.remaining() * 1e3 / moved[0]);
            receive.add(content.remaining() * 1e3 / moved[1]);
          }
        }
      }
    }
    out.println();
    new Table("done to every byte anyway", "MB/s of CPU")
        .row("send by sendfile, over loopback", Table.figure(send.median()))
        .row("receive", Table.figure(receive.median()))
        .row("SHA-256", Table.figure(hash.median()))
        .print(out);
  }

  /** Returns the CPU time of the sender and of the receiver. */
  private static long[] send(FileChannel file) throws IOException, InterruptedException {
    long size = file.size();
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      FutureTask<Long> receiver = new FutureTask<>(() -> receive(listener));
      Thread.ofPlatform().daemon().start(receiver);
      long start = cpuNanos();
      try (SocketChannel to = SocketChannel.open(listener.getLocalAddress())) {
        for (long at = 0; at < size; ) {
          at += file.transferTo(at, Math.min(PIECE, size - at), to);
        }
      }
      long sent = cpuNanos() - start;
      return new long[] {sent, receiver.get()};
    } catch (ExecutionException e) {
      throw new IOException("receiving failed", e);
    }
  }

  private static long receive(ServerSocketChannel listener) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    long start = cpuNanos();
    try (SocketChannel from = listener.accept()) {
      while (from.read(buffer.clear()) >= 0) {}
    }
    return cpuNanos() - start;
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
