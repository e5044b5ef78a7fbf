package dev.longshore.bench.pieces;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Computing the map of a blob that streams past in 64 KiB buffers, beside SHA-256 alone. */
@State(Scope.Thread)
public class MapBenchmark {
  private static final int BUFFER = 64 << 10;
  private static final Digest DIGEST = Digest.sha256(new byte[0]);

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private final MessageDigest hasher = PieceMap.newHasher();

  @Setup
  public void fill() {
    buffer.put(new BenchBlob().piece(), 0, BUFFER);
  }

  @Benchmark
  public PieceMap buildMap() {
    PieceMapBuilder builder = new PieceMapBuilder(BenchBlob.LAYOUT);
    for (long at = 0; at < BenchBlob.LAYOUT.size(); at += BUFFER) {
      builder.update(buffer.rewind());
    }
    return builder.finish(DIGEST);
  }

  @Benchmark
  public byte[] baselineSha256() {
    for (long at = 0; at < BenchBlob.LAYOUT.size(); at += BUFFER) {
      hasher.update(buffer.rewind());
    }
    return hasher.digest();
  }
}
