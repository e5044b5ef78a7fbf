package dev.longshore.swarm.holding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.store.StoredBlob;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real store and a peer source in memory. */
class HeldBlobsTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final SourceRef SOURCE = new SourceRef("registry.example", "team/app");
  private static final int PIECE = PieceLayout.forSize(1).pieceSize();

  @TempDir Path folder;

  private final Peers peers = new Peers();
  private PieceStore store;
  private SourceBook sources;

  @BeforeEach
  void open() throws IOException {
    store =
        PieceStores.open(
            StoreConfig.defaults(folder.resolve("store")).withIndexEntries(256),
            null,
            InstantSource.system(),
            new SimpleMeterRegistry());
    sources = SourceBook.open(folder.resolve("sources"));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void start_blobsOfAnEarlierRun_areAnnouncedWithWhatIsThere() throws Exception {
    PieceMap whole = put(1, 2, 2);
    PieceMap half = put(2, 4, 1);
    try (HeldBlobs held = HeldBlobs.start(store, peers, sources, NEVER)) {
      assertThat(held).isNotNull();
      await()
          .untilAsserted(() ->
              assertThat(peers.announced)
                  .containsExactlyInAnyOrderEntriesOf(
                      Map.of(whole.digest(), "2 of 2", half.digest(), "1 of 4")));
    }
  }

  @Test
  void start_blobWithNothingInIt_orOfUnknownSource_isNotAnnounced() throws Exception {
    put(1, 2, 0);
    PieceMap strange = map(bytes(2, 1));
    try (StoredBlob claim = store.openUnsigned(strange)) {
      write(claim, bytes(2, 1), 1);
    }
    PieceMap known = put(3, 1, 1);
    try (HeldBlobs held = HeldBlobs.start(store, peers, sources, NEVER)) {
      assertThat(held).isNotNull();
      await().until(() -> peers.announced.containsKey(known.digest()));
      assertThat(peers.announced).containsOnlyKeys(known.digest());
    }
  }

  @Test
  void changed_morePiecesHeld_tellsTheProgressUnderTheSameRegistration() throws Exception {
    byte[] bytes = bytes(1, 3);
    PieceMap map = put(1, 3, 1);
    try (HeldBlobs held = HeldBlobs.start(store, peers, sources, NEVER)) {
      await().until(() -> peers.announced.containsValue("1 of 3"));
      try (StoredBlob claim = store.openUnsigned(map)) {
        write(claim, bytes, 3);
      }
      held.changed();
      await().until(() -> peers.announced.containsValue("3 of 3"));
      assertThat(peers.joined).hasValue(1);
    }
  }

  @Test
  void changed_blobEvicted_withdrawsIt() throws Exception {
    PieceMap stays = put(1, 1, 1);
    PieceMap goes = put(2, 1, 1);
    try (HeldBlobs held = HeldBlobs.start(store, peers, sources, NEVER)) {
      await().until(() -> peers.announced.size() == 2);
      store.delete(goes.digest());
      held.changed();
      await().until(() -> peers.announced.size() == 1);
      assertThat(peers.announced).containsOnlyKeys(stays.digest());
    }
  }

  @Test
  void run_nobodySaysThatSomethingChanged_isFoundAtTheNextLook() throws Exception {
    try (HeldBlobs held = HeldBlobs.start(store, peers, sources, Duration.ofMillis(20))) {
      assertThat(held).isNotNull();
      PieceMap map = put(1, 1, 1);
      await().until(() -> peers.announced.containsKey(map.digest()));
    }
  }

  @Test
  void close_announcedBlobs_areWithdrawn() throws Exception {
    PieceMap map = put(1, 1, 1);
    HeldBlobs held = HeldBlobs.start(store, peers, sources, NEVER);
    await().until(() -> peers.announced.containsKey(map.digest()));
    held.close();
    assertThat(peers.announced).isEmpty();
  }

  @Test
  void run_storeNearlyFull_evictsWhatOthersHold() throws Exception {
    store.close();
    store =
        PieceStores.open(
            StoreConfig.defaults(folder.resolve("small"))
                .withIndexEntries(256)
                .withQuota(10L * PIECE),
            null,
            InstantSource.system(),
            new SimpleMeterRegistry());
    PieceMap rare = put(1, 3, 3);
    PieceMap common = put(2, 3, 3);
    put(3, 3, 3);
    peers.holders.put(common.digest(), 1_000_000);
    try (HeldBlobs held = HeldBlobs.start(store, peers, sources, NEVER)) {
      held.changed();
      await().until(() -> peers.counted.contains(common.digest()));
      put(4, 1, 1);
      assertThat(store.find(common.digest())).isEmpty();
      try (StoredBlob claim = store.find(rare.digest()).orElseThrow()) {
        assertThat(claim.complete()).isTrue();
      }
    }
  }

  /** A blob of so many pieces, the first of which are here, with its source noted. */
  private PieceMap put(int seed, int pieces, int heldPieces) throws IOException {
    byte[] bytes = bytes(seed, pieces);
    PieceMap map = map(bytes);
    try (StoredBlob claim = store.openUnsigned(map)) {
      write(claim, bytes, heldPieces);
    }
    sources.note(map.digest(), SOURCE);
    return map;
  }

  private static void write(StoredBlob claim, byte[] bytes, int pieces) throws IOException {
    for (int piece = 0; piece < pieces; piece++) {
      claim.write(piece, new ByteBuffer[] {ByteBuffer.wrap(bytes, piece * PIECE, PIECE)});
    }
  }

  private static byte[] bytes(int seed, int pieces) {
    byte[] bytes = new byte[pieces * PIECE];
    bytes[0] = (byte) seed;
    return bytes;
  }

  private static PieceMap map(byte[] bytes) {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(bytes.length));
    builder.update(ByteBuffer.wrap(bytes));
    return builder.finish(Digest.sha256(bytes));
  }

  /** Remembers what is announced now, as "held of all". */
  private static final class Peers implements PeerSource {
    final Map<Digest, String> announced = new ConcurrentHashMap<>();
    final AtomicInteger joined = new AtomicInteger();
    final Map<Digest, Integer> holders = new ConcurrentHashMap<>();
    final Set<Digest> counted = ConcurrentHashMap.newKeySet();

    @Override
    public void countHolders(List<Digest> blobs, ObjIntConsumer<Digest> sink) {
      blobs.forEach(blob -> sink.accept(blob, holders.getOrDefault(blob, 0)));
      counted.addAll(blobs);
    }

    @Override
    public Registration join(Digest blob, long size, SourceRef source, PeerSink found) {
      assertThat(source).isEqualTo(SOURCE);
      joined.incrementAndGet();
      return new Registration() {
        @Override
        public void progress(int held, int all) {
          announced.put(blob, held + " of " + all);
        }

        @Override
        public void close() {
          announced.remove(blob);
        }
      };
    }
  }
}
