package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Makes a store that says it has very many pieces, in files without a byte in them: a benchmark of
 * what a full store costs needs no full disk. In the store's package, to write its index.
 */
public final class SparsePieces {
  private static final int INDEX_ENTRIES = 1 << 16;

  private SparsePieces() {}

  /** Fills the folder of a store that nobody has open; the first blob was used least recently. */
  public static void fill(Path root, int blobs, int pieces) throws IOException {
    Files.createDirectories(root);
    PieceLayout layout =
        new PieceLayout((long) pieces * PieceLayout.MIN_PIECE_SIZE, PieceLayout.MIN_PIECE_SIZE);
    BlobDirectory directory = new BlobDirectory(root);
    long[] all = new long[PieceIndex.GROUP_WORDS];
    Arrays.fill(all, -1L);
    try (PieceIndex index = IndexFile.open(root, INDEX_ENTRIES)) {
      for (int number = 0; number < blobs; number++) {
        PieceMap map = map(layout, number);
        Digest digest = map.digest();
        directory.create(digest, number, MapFile.Content.of(map), number);
        index.put(
            digest, new PieceIndex.BlobNote(number, layout.size(), layout.pieceSize(), number));
        for (int group = 0; group * PieceIndex.GROUP_PIECES < pieces; group++) {
          index.put(digest, group, new PieceIndex.GroupNote(number, all, all));
        }
      }
    } catch (PieceIndex.IndexFullException e) {
      throw new IOException("cannot make " + blobs + " blobs of " + pieces + " pieces", e);
    }
  }

  /** A map of zeros, of a blob whose digest is made up. */
  private static PieceMap map(PieceLayout layout, int number) {
    byte[] hash = PieceMap.newHasher().digest(new byte[layout.pieceSize()]);
    byte[] digest = Digest.sha256(ByteBuffer.allocate(4).putInt(number).array()).hash();
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
      throw new AssertionError("our own map", e);
    }
  }
}
