package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.store.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** A blob of random bytes, its map, and a source that counts what is read of it. */
final class TestBlob implements SourceReader {
  private static final ClusterKey KEY = ClusterKey.generate();

  final byte[] content;
  final SignedPieceMap map;
  final AtomicLong read = new AtomicLong();

  private TestBlob(byte[] content) {
    this.content = content;
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(content.length));
    builder.update(ByteBuffer.wrap(content));
    PieceMap plain = builder.finish(Digest.sha256(content));
    this.map = KEY.sign(plain);
  }

  static TestBlob random(int size, long seed) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return new TestBlob(content);
  }

  Digest digest() {
    return map.map().digest();
  }

  int pieces() {
    return map.map().layout().count();
  }

  byte[] piece(int piece) {
    int offset = Math.toIntExact(map.map().layout().offset(piece));
    return Arrays.copyOfRange(content, offset, offset + map.map().layout().length(piece));
  }

  @Override
  public InputStream read(long offset, long length) {
    read.addAndGet(length);
    return new ByteArrayInputStream(content, Math.toIntExact(offset), Math.toIntExact(length));
  }

  /** Whether a store's blob has exactly these bytes. */
  boolean isIn(StoredBlob blob) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(content.length);
    while (bytes.hasRemaining() && blob.file().read(bytes, bytes.position()) > 0) {
      // reads on
    }
    return Arrays.equals(bytes.array(), content);
  }
}
