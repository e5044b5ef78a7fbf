package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is admitted, and what goes for it, with blobs that are only thought of. */
final class QuotaTest {
  private static final int PIECE = PieceStoreSuite.PIECE;
  private static final Digest BLOB = Digest.sha256(new byte[] {1});
  private static final Digest OTHER = Digest.sha256(new byte[] {2});
  private static final long DAY = 86_400_000;

  private final List<KnownBlob> blobs = new ArrayList<>();
  private final StoreTally tally = new StoreTally();
  private final Map<Digest, Integer> holders = new HashMap<>();
  private final Map<Digest, Long> usedElsewhere = new HashMap<>();
  private final Set<Digest> pinned = new HashSet<>();
  private final List<Long> evicted = new ArrayList<>(); // incarnations
  private long free = 1L << 40;
  private long now = 100 * DAY;

  private final Quota.Evictor evictor =
      new Quota.Evictor() {
        @Override
        public Set<Digest> pinned(Collection<Digest> candidates) {
          return pinned;
        }

        @Override
        public boolean usedMeanwhile(KnownBlob blob) {
          return blob.usedAt(usedElsewhere.getOrDefault(blob.digest(), 0L));
        }

        @Override
        public boolean evict(KnownBlob blob) {
          evicted.add(blob.incarnation());
          free += blob.heldBytes();
          assertThat(blob.doomIfIdle()).isTrue();
          blob.forget();
          return blobs.remove(blob);
        }
      };

  private Quota quota(long bytes) {
    return quota(bytes, blobs);
  }

  private Quota quota(long bytes, List<KnownBlob> blobs) {
    return new Quota(
        StoreConfig.defaults(Path.of("store")).withQuota(bytes),
        () -> free,
        blobs,
        tally,
        new EvictionOrder(() -> now, digest -> holders.getOrDefault(digest, 0)),
        evictor);
  }

  /** A whole blob of ten pieces that was used so many days ago. */
  private KnownBlob held(long incarnation, double daysAgo) {
    return blob(incarnation, 10, daysAgo);
  }

  /** A blob of ten pieces of which the first ones are here. */
  private KnownBlob part(long incarnation, int pieces) {
    return blob(incarnation, pieces, 1);
  }

  private KnownBlob blob(long incarnation, int pieces, double daysAgo) {
    PieceLayout layout = new PieceLayout(10L * PIECE, PIECE);
    Digest digest = Digest.sha256(new byte[] {9, (byte) incarnation});
    long lastUse = now - (long) (daysAgo * DAY);
    KnownBlob blob = new KnownBlob(digest, layout, incarnation, lastUse, new NoIndex(), tally);
    assertThat(blob.claim(lastUse)).isTrue();
    for (int piece = 0; piece < pieces; piece++) {
      blob.markWritten(piece);
    }
    assertThat(blob.release(lastUse)).isFalse();
    blobs.add(blob);
    return blob;
  }

  @Test
  void admit_moreThanTheDiskHas_isRefusedWithTheFigures() {
    free = 1000;
    assertThatThrownBy(() -> quota(Long.MAX_VALUE).admit(BLOB, 1001))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("it needs 1001 more bytes")
        .hasMessageContaining("1000 bytes are free");
  }

  @Test
  void admit_whatIsPromisedToAnother_isRefusedUntilThatIsOpen() throws Exception {
    free = 1000;
    Quota quota = quota(Long.MAX_VALUE);
    quota.admit(BLOB, 600);
    assertThatThrownBy(() -> quota.admit(OTHER, 600)).isInstanceOf(StoreFullException.class);
    quota.admitted(600);
    assertThatCode(() -> quota.admit(OTHER, 600)).doesNotThrowAnyException();
  }

  @Test
  void admit_blobThatLacksNothing_isLetInOnAFullDisk() {
    free = 0;
    assertThatCode(() -> quota(Long.MAX_VALUE).admit(BLOB, 0)).doesNotThrowAnyException();
  }

  @Test
  void admit_whatAnOpenBlobLacks_isRefusedUntilThatIsGivenBack() throws Exception {
    KnownBlob open = part(1, 4);
    assertThat(open.claim(now)).isTrue();
    free = 10L * PIECE;
    Quota quota = quota(Long.MAX_VALUE);
    assertThatThrownBy(() -> quota.admit(BLOB, 4L * PIECE + 1))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("the blobs in use " + 6 * PIECE);
    open.markWritten(4);
    free -= PIECE;
    assertThatThrownBy(() -> quota.admit(BLOB, 4L * PIECE + 1))
        .hasMessageContaining("the blobs in use " + 5 * PIECE);
    quota.admit(BLOB, 4L * PIECE);
    quota.admitted(4L * PIECE);
    assertThat(open.release(now)).isFalse();
    assertThatCode(() -> quota.admit(BLOB, 9L * PIECE)).doesNotThrowAnyException();
  }

  @Test
  void admit_openBlobThatIsToBeDeleted_countsWholeUntilThen() throws Exception {
    KnownBlob doomed = part(1, 4);
    assertThat(doomed.claim(now)).isTrue();
    assertThat(doomed.doom()).isFalse();
    Quota quota = quota(15L * PIECE);
    assertThatThrownBy(() -> quota.admit(BLOB, 6L * PIECE))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("the blobs in use take " + 10 * PIECE);
    assertThat(doomed.release(now)).isTrue();
    doomed.forget();
    blobs.remove(doomed);
    assertThat(tally.taken()).isZero();
    assertThatCode(() -> quota.admit(BLOB, 6L * PIECE)).doesNotThrowAnyException();
  }

  @Test
  void admit_belowTheHighWatermark_looksAtNoBlob() throws Exception {
    held(1, 5);
    List<KnownBlob> unseen =
        new AbstractList<>() {
          @Override
          public KnownBlob get(int index) {
            throw new AssertionError("looked at");
          }

          @Override
          public int size() {
            return 100_000;
          }
        };
    quota(20L * PIECE, unseen).admit(BLOB, 9L * PIECE);
    assertThatThrownBy(() -> quota(20L * PIECE, unseen).admit(BLOB, 10L * PIECE))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void admit_belowTheHighWatermark_evictsNothing() throws Exception {
    held(1, 5);
    quota(20L * PIECE).admit(BLOB, 9L * PIECE); // 95 %
    assertThat(evicted).isEmpty();
  }

  @Test
  void admit_aboveTheHighWatermark_evictsTheOldestDownToTheLowOne() throws Exception {
    held(1, 2);
    held(2, 4);
    held(3, 3);
    held(4, 1);
    quota(40L * PIECE).admit(BLOB, PIECE); // 41 of 40: down to 34
    assertThat(evicted).containsExactly(2L);
    evicted.clear();
    quota(30L * PIECE).admit(BLOB, 10L * PIECE); // 40 of 30: down to 25.5
    assertThat(evicted).containsExactly(3L, 1L);
  }

  @Test
  void admit_blobsOfTheSameAge_evictsTheOneThatManyOthersHold() throws Exception {
    held(1, 2.0);
    KnownBlob common = held(2, 1.9);
    held(3, 2.1);
    holders.put(common.digest(), 40);
    quota(30L * PIECE).admit(BLOB, PIECE);
    assertThat(evicted).containsExactly(2L);
  }

  @Test
  void admit_lastCopyThatNobodyAsksFor_goesInTheEnd() throws Exception {
    held(1, 60);
    KnownBlob common = held(2, 5);
    holders.put(common.digest(), 1_000);
    quota(20L * PIECE).admit(BLOB, PIECE);
    assertThat(evicted).containsExactly(1L);
  }

  @Test
  void admit_blobInFlight_isNotEvictedAndCountsWhole() throws Exception {
    KnownBlob inFlight = held(1, 5);
    assertThat(inFlight.claim(now - 50 * DAY)).isTrue();
    held(2, 1);
    quota(20L * PIECE).admit(BLOB, PIECE);
    assertThat(evicted).containsExactly(2L);
    assertThatThrownBy(() -> quota(20L * PIECE).admit(BLOB, 11L * PIECE))
        .isInstanceOf(StoreFullException.class);
  }

  @Test
  void admit_blobMountedByAnotherProcess_isNotEvicted() throws Exception {
    pinned.add(held(1, 5).digest());
    held(2, 1);
    Quota quota = quota(20L * PIECE);
    assertThatThrownBy(() -> quota.admit(BLOB, 11L * PIECE))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("the blobs in use take " + 10 * PIECE);
    assertThat(evicted).as("nothing is given up for what cannot fit").isEmpty();
    quota.admit(BLOB, 10L * PIECE);
    assertThat(evicted).containsExactly(2L);
  }

  @Test
  void admit_blobUsedByAnotherProcessMeanwhile_goesLater() throws Exception {
    KnownBlob used = held(1, 9);
    held(2, 5);
    usedElsewhere.put(used.digest(), now - DAY);
    quota(20L * PIECE).admit(BLOB, PIECE);
    assertThat(evicted).containsExactly(2L);
    assertThat(used.lastUse()).isEqualTo(now - DAY);
  }

  @Test
  void admit_partOfABlobThatIsThere_doesNotEvictThatPart() throws Exception {
    KnownBlob part = held(1, 9);
    held(2, 5);
    quota(25L * PIECE).admit(part.digest(), 10L * PIECE);
    assertThat(evicted).containsExactly(2L);
  }

  @Test
  void nextToGo_nearTheWatermarks_isTheOrderOfEviction() throws Exception {
    KnownBlob newer = held(1, 2);
    KnownBlob older = held(2, 3);
    assertThat(held(3, 4).claim(now)).isTrue();
    assertThat(quota(30L * PIECE).nextToGo(9)).containsExactly(older.digest(), newer.digest());
    assertThat(quota(30L * PIECE).nextToGo(1)).containsExactly(older.digest());
    assertThat(quota(40L * PIECE).nextToGo(9)).as("75 %% used").isEmpty();
    assertThat(quota(Long.MAX_VALUE).nextToGo(9)).isEmpty();
  }

  @Test
  void makeRoom_diskFull_evictsUntilThereIsEnough() throws Exception {
    held(1, 2);
    held(2, 3);
    pinned.add(held(3, 4).digest());
    assertThat(quota(Long.MAX_VALUE).makeRoom(11L * PIECE)).isTrue();
    assertThat(evicted).containsExactly(2L, 1L);
    assertThat(quota(Long.MAX_VALUE).makeRoom(1)).isFalse();
  }
}
