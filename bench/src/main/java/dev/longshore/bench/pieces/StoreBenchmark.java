package dev.longshore.bench.pieces;

import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.piece.PieceMap;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.store.StoredBlob;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Storing pieces as they come from a peer, in direct buffers of 64 KiB; sync is left out. */
@State(Scope.Thread)
public class StoreBenchmark {
  private static final int BUFFER = 64 << 10;

  private final BenchBlob blob = new BenchBlob();
  private final MessageDigest hasher = PieceMap.newHasher();
  private final ByteBuffer[] buffers = new ByteBuffer[BenchBlob.PIECE / BUFFER];
  private final TemporaryFolder folder;
  private final PieceStore store;
  private StoredBlob stored;
  private int next;

  public StoreBenchmark() {
    try {
      folder = TemporaryFolder.create("longshore-bench-store");
      store =
          PieceStores.open(
              StoreConfig.defaults(folder.path()).withSyncEvery(Duration.ofHours(1)),
              null,
              InstantSource.system(),
              new SimpleMeterRegistry());
      stored = store.openUnsigned(blob.map());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Setup
  public void fill() {
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = ByteBuffer.allocateDirect(BUFFER).put(blob.piece(), i * BUFFER, BUFFER).flip();
    }
  }

  @TearDown
  public void clearAway() throws IOException {
    stored.close();
    store.delete(blob.map().digest());
    store.close();
    folder.close();
  }

  @Benchmark
  public void write() throws IOException {
    int piece = nextPiece();
    stored.write(piece, rewound());
  }

  @Benchmark
  public boolean checkAndWrite() throws IOException {
    int piece = nextPiece();
    for (ByteBuffer buffer : rewound()) {
      hasher.update(buffer);
    }
    boolean right = blob.map().matches(piece, hasher.digest());
    stored.write(piece, rewound());
    return right;
  }

  @Benchmark
  public boolean has() {
    next = (next + 1) % BenchBlob.PIECES;
    return stored.has(next);
  }

  private ByteBuffer[] rewound() {
    for (ByteBuffer buffer : buffers) {
      buffer.rewind();
    }
    return buffers;
  }

  /** A piece held already would not be written: after the last one the blob begins anew. */
  private int nextPiece() throws IOException {
    if (next == BenchBlob.PIECES) {
      stored.close();
      store.delete(blob.map().digest());
      stored = store.openUnsigned(blob.map());
      next = 0;
    }
    return next++;
  }
}
