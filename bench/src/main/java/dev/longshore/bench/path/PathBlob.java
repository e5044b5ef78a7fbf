package dev.longshore.bench.path;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** The blob that is sent, which both members make out of the same seed. */
final class PathBlob {
  private final LargeBlob content;
  private final PieceMap map;

  private PathBlob(LargeBlob content, PieceMap map) {
    this.content = content;
    this.map = map;
  }

  static PathBlob of(long size) throws IOException {
    LargeBlob content = new LargeBlob(size, 1);
    MessageDigest whole = Digest.Algorithm.SHA256.newHasher();
    PieceMapBuilder pieces = new PieceMapBuilder(PieceLayout.forSize(size));
    byte[] step = new byte[1 << 20];
    try (InputStream in = content.open(0)) {
      for (int count = in.read(step); count >= 0; count = in.read(step)) {
        whole.update(step, 0, count);
        pieces.update(ByteBuffer.wrap(step, 0, count));
      }
    }
    Digest digest = Digest.of(Digest.Algorithm.SHA256, whole.digest());
    return new PathBlob(content, pieces.finish(digest));
  }

  /** Its map, signed with a key that nobody checks. */
  SignedPieceMap signedMap() {
    return ClusterKey.generate().sign(map);
  }

  Digest digest() {
    return map.digest();
  }

  long size() {
    return map.layout().size();
  }

  void store(PieceStore store) throws IOException {
    try (StoredBlob stored = store.open(signedMap());
        InputStream in = content.open(0)) {
      PieceLayout layout = map.layout();
      for (int piece = 0; piece < layout.count(); piece++) {
        ByteBuffer bytes = ByteBuffer.wrap(in.readNBytes(layout.length(piece)));
        stored.write(piece, new ByteBuffer[] {bytes});
      }
    }
  }
}
