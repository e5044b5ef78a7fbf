package dev.longshore.bench.pieces;

import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.piece.PieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.BitSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The bare loops beside {@link StoreBenchmark}: the same writes to a file with no store. */
@State(Scope.Thread)
public class FileBenchmark {
  private final MessageDigest hasher = PieceMap.newHasher();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BenchBlob.PIECE);
  private final BitSet held = new BitSet();
  private final TemporaryFolder folder;
  private final Path file;
  private FileChannel channel;
  private int next;

  public FileBenchmark() {
    try {
      folder = TemporaryFolder.create("longshore-bench-file");
      file = folder.path().resolve("file");
      channel = open();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    buffer.put(new BenchBlob().piece());
    held.set(0, BenchBlob.PIECES);
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @TearDown
  public void clearAway() throws IOException {
    channel.close();
    folder.close();
  }

  @Benchmark
  public void write() throws IOException {
    writePiece();
  }

  @Benchmark
  public byte[] checkAndWrite() throws IOException {
    hasher.update(buffer.rewind());
    writePiece();
    return hasher.digest();
  }

  @Benchmark
  public boolean has() {
    next = (next + 1) % BenchBlob.PIECES;
    return held.get(next);
  }

  private void writePiece() throws IOException {
    if (next == BenchBlob.PIECES) {
      channel.close();
      Files.delete(file);
      channel = open();
      next = 0;
    }
    long at = (long) next++ * BenchBlob.PIECE;
    buffer.rewind();
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
  }
}
