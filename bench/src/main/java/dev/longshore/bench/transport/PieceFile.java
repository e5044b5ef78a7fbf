package dev.longshore.bench.transport;

import dev.longshore.piece.PieceLayout;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;

/** A file of pieces that all differ, which sender and receiver both know. */
final class PieceFile implements Closeable {
  /** What most layers are cut into. */
  static final int PIECE = PieceLayout.MIN_PIECE_SIZE;

  private final FileChannel file;
  private final int pieces;

  private PieceFile(FileChannel file, int pieces) {
    this.file = file;
    this.pieces = pieces;
  }

  static void create(Path path, int pieces) throws IOException {
    byte[] piece = new byte[PIECE];
    try (OutputStream out = Files.newOutputStream(path)) {
      for (int i = 0; i < pieces; i++) {
        new Random(i).nextBytes(piece);
        out.write(piece);
      }
    }
  }

  static PieceFile open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path);
    return new PieceFile(file, Math.toIntExact(file.size() / PIECE));
  }

  FileChannel file() {
    return file;
  }

  int pieces() {
    return pieces;
  }

  static long offset(int piece) {
    return (long) piece * PIECE;
  }

  /** The checksum that each piece must have. */
  int[] checksums() throws IOException {
    int[] all = new int[pieces];
    ByteBuffer bytes = ByteBuffer.allocate(PIECE);
    for (int piece = 0; piece < pieces; piece++) {
      bytes.clear();
      while (bytes.hasRemaining()) {
        if (file.read(bytes, offset(piece) + bytes.position()) < 0) {
          throw new EOFException("the file of pieces ends in piece " + piece);
        }
      }
      all[piece] = checksum(bytes.flip());
    }
    return all;
  }

  static int checksum(ByteBuffer bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return (int) sum.getValue();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
