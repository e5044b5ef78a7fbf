package dev.longshore.bench.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.store.StoredBlob;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The process that has the store open and is measured.
 *
 * <p>Argument: the store's folder. Says {@code opened <ms> <KiB of memory that it took>} and then
 * takes orders, each answered by a line of figures.
 */
final class StoreOwner {
  private static final int PIECE = PieceLayout.MIN_PIECE_SIZE;

  /** Pieces that a kill finds written and not forced to the disk. */
  private static final int UNSYNCED = 64;

  private static final int WRITTEN = 1_000;

  private final Path root;
  private PieceStore store;

  private StoreOwner(Path root) throws IOException {
    this.root = root;
    this.store = open(StoreConfig.defaults(root));
  }

  private static PieceStore open(StoreConfig config) throws IOException {
    return PieceStores.open(
        config.withSyncEvery(Duration.ofHours(1)),
        null,
        InstantSource.system(),
        new SimpleMeterRegistry());
  }

  public static void main(String[] args) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    PrintStream out = new PrintStream(System.out, true, UTF_8);
    long memory = residentKib();
    long start = System.nanoTime();
    StoreOwner owner = new StoreOwner(Path.of(args[0]));
    out.println("opened " + millisSince(start) + " " + (residentKib() - memory));
    for (String order = in.readLine(); order != null; order = in.readLine()) {
      switch (order) {
        case "dirty" -> out.println(owner.writeUnsynced());
        case "write" -> out.println(owner.write());
        case "evict" -> out.println(owner.evict());
        case "close" -> {
          start = System.nanoTime();
          owner.store.close();
          out.println("closed " + millisSince(start));
          return;
        }
        default -> throw new IllegalArgumentException(order);
      }
    }
  }

  private String writeUnsynced() throws IOException {
    byte[] bytes = new byte[UNSYNCED * PIECE];
    new Random(System.nanoTime()).nextBytes(bytes);
    try (StoredBlob blob = store.openUnsigned(map(bytes))) {
      for (int piece = 0; piece < UNSYNCED; piece++) {
        blob.write(piece, new ByteBuffer[] {ByteBuffer.wrap(bytes, piece * PIECE, PIECE)});
      }
    }
    return "dirty " + UNSYNCED;
  }

  private static PieceMap map(byte[] bytes) {
    PieceMapBuilder builder = new PieceMapBuilder(new PieceLayout(bytes.length, PIECE));
    builder.update(ByteBuffer.wrap(bytes));
    return builder.finish(Digest.sha256(bytes));
  }

  /**
   * Pieces written to a plain file and to the store by turns: {@code wrote <file ms> <store ms>}.
   */
  private String write() throws IOException {
    byte[] piece = new byte[PIECE];
    new Random(1).nextBytes(piece);
    PieceMapBuilder builder = new PieceMapBuilder(new PieceLayout((long) WRITTEN * PIECE, PIECE));
    for (int i = 0; i < WRITTEN; i++) {
      builder.update(ByteBuffer.wrap(piece));
    }
    PieceMap map = builder.finish(Digest.sha256(piece));
    ByteBuffer direct = ByteBuffer.allocateDirect(PIECE).put(piece);
    Path plain = root.resolve("plain");
    long fileNanos = 0;
    long storeNanos = 0;
    try (FileChannel file =
            FileChannel.open(plain, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        StoredBlob blob = store.openUnsigned(map)) {
      for (int i = 0; i < WRITTEN; i++) {
        long start = System.nanoTime();
        file.write(direct.rewind(), (long) i * PIECE);
        long between = System.nanoTime();
        blob.write(i, new ByteBuffer[] {direct.rewind()});
        storeNanos += System.nanoTime() - between;
        fileNanos += between - start;
      }
    }
    Files.delete(plain);
    store.delete(map.digest());
    return "wrote " + fileNanos / 1e6 + " " + storeNanos / 1e6 + " " + WRITTEN;
  }

  /** Opens a blob for which a quarter must go: {@code evicted <ms> <blobs>}. */
  private String evict() throws IOException {
    long held = store.bytesHeld();
    int before = store.list().size();
    store.close();
    StoreConfig config = StoreConfig.defaults(root);
    store =
        open(
            new StoreConfig(
                root,
                held,
                0.95,
                0.75,
                config.syncEvery(),
                config.recoveryPatience(),
                config.indexEntries()));
    long start = System.nanoTime();
    store.openUnsigned(map(new byte[PIECE])).close();
    double millis = millisSince(start);
    return "evicted " + millis + " " + (before + 1 - store.list().size());
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private static long residentKib() throws IOException {
    System.gc();
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow(() -> new IOException("no VmRSS in /proc/self/status"));
    }
  }
}
