package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real processes on one store: the owner, and one that reads. */
final class SharedStoreTest {
  private static final int PIECE = PieceStoreSuite.PIECE;

  @TempDir Path root;

  /** What the owner said it wrote. */
  private record Written(int blob, int piece) {}

  @Test
  void find_whileAnotherProcessWritesAndIsKilled_seesEveryPieceAndNoWrongByte() throws Exception {
    Set<Written> written = new HashSet<>();
    try (ChildJvm owner = startOwner();
        SharedStore store = PieceStores.openShared(root)) {
      watch(owner, store, written, 80);
      owner.kill();
      checkAll(store, written, true);
      try (ChildJvm next = ChildJvm.start(CrashingWriter.class, root.toString(), "0", "2")) {
        // It takes over the index and proves the pieces; meanwhile some are not seen.
        checkAll(store, written, false);
        assertThat(next.line()).isEqualTo("ready");
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> checkAll(store, written, true));
        watch(next, store, written, 80);
        checkAll(store, written, true);
        next.kill();
      }
      checkAll(store, written, true);
    }
    try (FilePieceStore store = CrashingWriter.open(root)) {
      store.recovered().join();
      assertThat(store.bytesHeld()).isGreaterThanOrEqualTo((long) (written.size() - 3) * PIECE);
    }
  }

  private ChildJvm startOwner() throws IOException {
    ChildJvm owner = ChildJvm.start(CrashingWriter.class, root.toString(), "0", "1");
    assertThat(owner.line()).isEqualTo("ready");
    return owner;
  }

  private ChildJvm startReader() throws IOException {
    ChildJvm reader = ChildJvm.start(SharedReader.class, root.toString());
    assertThat(reader.line()).isEqualTo("ready");
    return reader;
  }

  /** Reads every piece at once when the owner says that it is done. */
  private static void watch(ChildJvm owner, SharedStore store, Set<Written> written, int pieces)
      throws IOException {
    int seen = 0;
    while (seen < pieces) {
      String[] words = owner.line().split(" ", -1);
      if (words[0].equals("done")) {
        Written piece = new Written(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
        TestBlob blob = CrashingWriter.blob(0, piece.blob());
        try (ReadableBlob claim = store.find(blob.digest()).orElseThrow()) {
          assertThat(claim.has(piece.piece())).as("%s", piece).isTrue();
          assertThat(read(claim, piece.piece())).isEqualTo(blob.piece(piece.piece()));
        }
        written.add(piece);
        seen++;
      }
    }
  }

  private static void checkAll(SharedStore store, Set<Written> written, boolean allThere)
      throws IOException {
    for (int number = 0; number < CrashingWriter.BLOBS; number++) {
      TestBlob blob = CrashingWriter.blob(0, number);
      try (ReadableBlob claim = store.find(blob.digest()).orElseThrow()) {
        for (int piece = 0; piece < blob.layout().count(); piece++) {
          if (claim.has(piece)) {
            assertThat(read(claim, piece)).isEqualTo(blob.piece(piece));
          } else if (allThere) {
            assertThat(written).doesNotContain(new Written(number, piece));
          }
        }
      }
    }
  }

  @Test
  void evict_blobOpenInAnotherProcess_staysUntilItIsClosed() throws Exception {
    try (FilePieceStore store = open(10 * PIECE);
        ChildJvm reader = startReader()) {
      TestBlob mounted = stored(store, 1, 4 * PIECE);
      assertThat(reader.ask("find " + mounted.digest())).isEqualTo("held {0, 1, 2, 3}");
      TestBlob idle = stored(store, 2, 4 * PIECE);
      TestBlob third = stored(store, 3, 5 * PIECE); // the oldest is not what goes for it
      assertThat(store.find(idle.digest())).isEmpty();
      assertThat(reader.ask("read " + mounted.digest() + " 3")).isEqualTo("right");
      assertThatThrownBy(() -> store.openUnsigned(TestBlob.random(4, 7 * PIECE).map()))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining("the quota is");
      assertThatThrownBy(() -> store.delete(mounted.digest()))
          .hasMessageContaining("another process has it open");
      stored(store, 5, 2 * PIECE);
      assertThat(store.find(third.digest())).isEmpty();
      assertThat(reader.ask("close " + mounted.digest())).isEqualTo("closed");
      store.delete(mounted.digest());
      assertThat(reader.ask("find " + mounted.digest())).isEqualTo("none");
    }
  }

  @Test
  void evict_readerWasKilled_itsPinsGoWithIt() throws Exception {
    try (FilePieceStore store = open(10 * PIECE);
        ChildJvm reader = startReader()) {
      TestBlob mounted = stored(store, 1, 6 * PIECE);
      assertThat(reader.ask("find " + mounted.digest())).isEqualTo("held {0, 1, 2, 3, 4, 5}");
      assertThatThrownBy(() -> store.openUnsigned(TestBlob.random(2, 8 * PIECE).map()))
          .isInstanceOf(StoreFullException.class);
      reader.kill();
      stored(store, 2, 8 * PIECE);
      assertThat(store.find(mounted.digest())).isEmpty();
    }
  }

  @Test
  void evict_blobThatAnotherProcessUsedLast_outlivesOneUsedBefore() throws Exception {
    try (FilePieceStore store = open(10 * PIECE);
        ChildJvm reader = startReader()) {
      TestBlob oldest = stored(store, 1, 4 * PIECE);
      TestBlob older = stored(store, 2, 4 * PIECE);
      assertThat(reader.ask("find " + oldest.digest())).startsWith("held");
      assertThat(reader.ask("close " + oldest.digest())).isEqualTo("closed");
      stored(store, 3, 3 * PIECE);
      assertThat(store.find(older.digest())).isEmpty();
      try (StoredBlob claim = store.find(oldest.digest()).orElseThrow()) {
        assertThat(claim.complete()).isTrue();
      }
    }
  }

  @Test
  void openShared_noStoreThere_saysSo() {
    assertThatThrownBy(() -> PieceStores.openShared(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("start its owner first");
  }

  @Test
  void openShared_inTheProcessThatOwnsIt_isRefused() throws IOException {
    try (FilePieceStore store = open(10 * PIECE)) {
      assertThat(store.list()).isEmpty();
      assertThatThrownBy(() -> PieceStores.openShared(root))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("this process has it open already");
    }
    PieceStores.openShared(root).close();
  }

  /** A store whose owner uses blobs a minute before any reader does. */
  private FilePieceStore open(long quota) throws IOException {
    return (FilePieceStore)
        PieceStores.open(
            StoreConfig.defaults(root)
                .withQuota(quota)
                .withSyncEvery(Duration.ofHours(1))
                .withIndexEntries(4096),
            null,
            () -> Instant.now().minusSeconds(60),
            new SimpleMeterRegistry());
  }

  private static TestBlob stored(FilePieceStore store, long seed, int size) throws IOException {
    TestBlob blob = TestBlob.random(seed, size);
    try (StoredBlob claim = store.openUnsigned(blob.map())) {
      blob.writeAllTo(claim);
    }
    return blob;
  }

  private static byte[] read(ReadableBlob blob, int piece) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(blob.map().layout().length(piece));
    long offset = blob.map().layout().offset(piece);
    while (bytes.hasRemaining() && blob.file().read(bytes, offset + bytes.position()) >= 0) {}
    return bytes.array();
  }
}
