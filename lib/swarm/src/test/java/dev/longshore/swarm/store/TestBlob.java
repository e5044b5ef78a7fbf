package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** A blob of random bytes that its seed determines. */
final class TestBlob {
  private final byte[] bytes;
  private final PieceMap map;

  private TestBlob(byte[] bytes, PieceMap map) {
    this.bytes = bytes;
    this.map = map;
  }

  static TestBlob random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(size));
    builder.update(ByteBuffer.wrap(bytes));
    return new TestBlob(bytes, builder.finish(Digest.sha256(bytes)));
  }

  /** The map of a blob, too large to make, whose pieces are all these bytes. */
  static PieceMap mapOfEqualPieces(PieceLayout layout, byte[] piece) {
    byte[] hash = PieceMap.newHasher().digest(piece);
    byte[] digest = Digest.sha256(hash).hash();
    ByteBuffer encoded = ByteBuffer.allocate(19 + digest.length + layout.count() * hash.length);
    encoded.putInt(0x4c53504d).put((byte) 1).put((byte) 1);
    encoded.put((byte) Digest.Algorithm.SHA256.wireCode()).put(digest);
    encoded.putLong(layout.size()).putInt(layout.pieceSize());
    while (encoded.hasRemaining()) {
      encoded.put(hash);
    }
    try {
      return PieceMap.decode(encoded.array());
    } catch (MalformedPieceMapException e) {
      throw new AssertionError(e);
    }
  }

  byte[] bytes() {
    return bytes;
  }

  PieceMap map() {
    return map;
  }

  Digest digest() {
    return map.digest();
  }

  PieceLayout layout() {
    return map.layout();
  }

  byte[] piece(int piece) {
    int from = Math.toIntExact(layout().offset(piece));
    return Arrays.copyOfRange(bytes, from, from + layout().length(piece));
  }

  /** The piece in buffers of uneven sizes, heap and direct by turns. */
  ByteBuffer[] buffers(int piece) {
    byte[] all = piece(piece);
    int first = all.length / 3;
    ByteBuffer direct = ByteBuffer.allocateDirect(all.length - first);
    direct.put(all, first, all.length - first).flip();
    return new ByteBuffer[] {ByteBuffer.wrap(all, 0, first), ByteBuffer.allocate(0), direct};
  }

  void writeTo(StoredBlob blob, int piece) throws IOException {
    blob.write(piece, buffers(piece));
  }

  void writeAllTo(StoredBlob blob) throws IOException {
    for (int piece = 0; piece < layout().count(); piece++) {
      writeTo(blob, piece);
    }
  }

  /** What the store's file has where the piece should be. */
  byte[] read(StoredBlob blob, int piece) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(layout().length(piece));
    long offset = layout().offset(piece);
    while (buffer.hasRemaining() && blob.file().read(buffer, offset + buffer.position()) >= 0) {}
    return Arrays.copyOf(buffer.array(), buffer.position());
  }
}
