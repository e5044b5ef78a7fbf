package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a store with very many pieces takes to open. */
final class PieceStoreStartupTest {
  private static final int BLOBS = 256;
  private static final PieceLayout LAYOUT = new PieceLayout(1L << 30, PieceLayout.MIN_PIECE_SIZE);
  private static final Duration LIMIT =
      Duration.ofSeconds(10); // 3 s is the goal on an idle machine

  @TempDir Path root;

  @Test
  void open_aMillionPieces_isQuick() throws IOException {
    StoreConfig config = StoreConfig.defaults(root);
    fill(config);
    assertThat(timeOpen(config)).isLessThan(LIMIT);
  }

  private void fill(StoreConfig config) throws IOException {
    BlobDirectory directory = new BlobDirectory(root);
    try (PieceIndex index = IndexFile.open(root, config.indexEntries())) {
      long[] all = new long[PieceIndex.GROUP_WORDS];
      Arrays.fill(all, -1L);
      for (int number = 0; number < BLOBS; number++) {
        PieceMap map = TestBlob.mapOfEqualPieces(LAYOUT, new byte[] {(byte) number});
        directory.create(map.digest(), number, MapFile.Content.of(map), number);
        index.put(
            map.digest(),
            new PieceIndex.BlobNote(number, LAYOUT.size(), LAYOUT.pieceSize(), number));
        for (int group = 0; group < LAYOUT.count() / PieceIndex.GROUP_PIECES; group++) {
          index.put(map.digest(), group, new PieceIndex.GroupNote(number, all, all));
        }
      }
    } catch (PieceIndex.IndexFullException e) {
      throw new AssertionError(e);
    }
  }

  private static Duration timeOpen(StoreConfig config) throws IOException {
    long start = System.nanoTime();
    try (PieceStore store =
        PieceStores.open(config, null, InstantSource.system(), new SimpleMeterRegistry())) {
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      assertThat(store.bytesHeld()).isEqualTo(BLOBS * LAYOUT.size());
      return taken;
    }
  }
}
