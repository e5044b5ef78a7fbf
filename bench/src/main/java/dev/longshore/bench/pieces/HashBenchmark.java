package dev.longshore.bench.pieces;

import dev.longshore.piece.PieceMap;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Checking a piece against its map, beside SHA-256 alone. */
@State(Scope.Thread)
public class HashBenchmark {
  private final BenchBlob blob = new BenchBlob();
  private final MessageDigest hasher = PieceMap.newHasher();
  private final byte[] heap = blob.piece();
  private final ByteBuffer direct = ByteBuffer.allocateDirect(BenchBlob.PIECE);

  @Setup
  public void fill() {
    direct.put(heap);
  }

  @Benchmark
  public boolean checkDirect() {
    hasher.update(direct.rewind());
    return blob.map().matches(7, hasher.digest());
  }

  @Benchmark
  public boolean checkHeap() {
    hasher.update(heap);
    return blob.map().matches(7, hasher.digest());
  }

  @Benchmark
  public byte[] baselineSha256() {
    return hasher.digest(heap);
  }
}
