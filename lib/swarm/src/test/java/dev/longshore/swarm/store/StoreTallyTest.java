package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Whether what the blobs tell of themselves adds up to what a look at each of them finds. */
final class StoreTallyTest {
  private static final int PIECE = PieceStoreSuite.PIECE;
  private static final int LAST = 17; // bytes

  private final StoreTally tally = new StoreTally();
  private final List<KnownBlob> blobs = new ArrayList<>();

  private KnownBlob blob(int pieces) {
    PieceLayout layout = new PieceLayout((pieces - 1L) * PIECE + LAST, PIECE);
    Digest digest = Digest.sha256(new byte[] {(byte) blobs.size()});
    KnownBlob blob = new KnownBlob(digest, layout, blobs.size(), 0, new NoIndex(), tally);
    blobs.add(blob);
    return blob;
  }

  private long held() {
    return blobs.stream().mapToLong(KnownBlob::heldBytes).sum();
  }

  private long taken() {
    return blobs.stream()
        .mapToLong(blob -> blob.isOpen() ? blob.layout().size() : blob.heldBytes())
        .sum();
  }

  @Test
  void tally_claimsAndPieces_areCountedOnce() {
    KnownBlob blob = blob(3);
    assertThat(blob.claim(1)).isTrue();
    assertThat(blob.claim(2)).isTrue();
    blob.markWritten(2);
    blob.markWritten(2);
    assertThat(tally.held()).isEqualTo(LAST);
    assertThat(tally.taken()).isEqualTo(2 * PIECE + LAST);
    assertThat(tally.lacking()).isEqualTo(2 * PIECE);
    assertThat(blob.release(3)).isFalse();
    assertThat(tally.lacking()).isEqualTo(2 * PIECE);
    assertThat(blob.release(4)).isFalse();
    assertThat(tally.taken()).isEqualTo(LAST);
    assertThat(tally.lacking()).isZero();
  }

  @Test
  void tally_piecesOfAnEarlierRun_areHeldAndTaken() throws Exception {
    KnownBlob blob = blob(3);
    long[] words = new long[PieceIndex.GROUP_WORDS];
    words[0] = 0b101;
    long[] kept = new long[PieceIndex.GROUP_WORDS];
    kept[0] = 0b001;
    blob.restore(0, new PieceIndex.GroupNote(0, words, kept));
    assertThat(tally.taken()).isEqualTo(PIECE);
    blob.settle(2, true);
    assertThat(tally.taken()).isEqualTo(PIECE + LAST).isEqualTo(tally.held());
    assertThat(blob.claim(1)).isTrue();
    blob.giveUp(new long[] {0b101, 0, 0, 0, 0, 0, 0, 0});
    assertThat(tally.held()).as("the first is durable").isEqualTo(PIECE);
    assertThat(tally.taken()).isEqualTo(2 * PIECE + LAST);
  }

  @Test
  void giveUp_afterTheBlobWasDeleted_changesNothing() {
    KnownBlob blob = blob(1);
    assertThat(blob.claim(1)).isTrue();
    blob.markWritten(0);
    long[] pieces = blob.notDurable();
    assertThat(blob.release(2)).isFalse();
    assertThat(blob.doomIfIdle()).isTrue();
    blob.forget();
    blob.giveUp(pieces);
    assertThat(tally.held()).isZero();
    assertThat(tally.taken()).isZero();
  }

  @Test
  void tally_manyThreads_addsUpToWhatTheBlobsHold() throws Exception {
    long seed = System.nanoTime();
    for (int pieces : new int[] {1, 1, 2, 70}) {
      KnownBlob blob = blob(pieces);
      blob.suspectAll(0);
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Random random = new Random(seed + thread);
        ends.add(
            threads.submit(() -> {
              for (int i = 0; i < 20_000; i++) {
                use(blobs.get(random.nextInt(blobs.size())), random);
              }
            }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
    assertThat(tally.held()).as("seed %d", seed).isEqualTo(held());
    assertThat(tally.taken()).as("seed %d", seed).isEqualTo(taken()).isEqualTo(held());
    for (KnownBlob blob : blobs) {
      assertThat(blob.claim(1)).isTrue();
    }
    assertThat(tally.taken()).as("seed %d", seed).isEqualTo(taken());
    assertThat(tally.lacking()).as("seed %d", seed).isEqualTo(taken() - held());
    blobs.forEach(blob -> assertThat(blob.release(1)).isFalse());
    for (KnownBlob blob : blobs) {
      assertThat(blob.doomIfIdle()).isTrue();
      blob.forget();
    }
    assertThat(tally.held()).as("seed %d", seed).isZero();
    assertThat(tally.taken()).as("seed %d", seed).isZero();
  }

  /** What a download, the start and a sync that fails do to a blob. */
  private static void use(KnownBlob blob, Random random) {
    int piece = random.nextInt(blob.layout().count());
    switch (random.nextInt(3)) {
      case 0 -> {
        assertThat(blob.claim(1)).isTrue();
        if (random.nextBoolean()) {
          blob.markWritten(piece);
        }
        assertThat(blob.release(1)).isFalse();
      }
      case 1 -> {
        BitSet suspects = blob.suspects();
        if (suspects.get(piece)) {
          blob.settle(piece, random.nextBoolean());
        }
      }
      default -> blob.giveUp(blob.notDurable());
    }
  }
}
