package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every piece store does. */
abstract class PieceStoreSuite {
  static final ClusterKey KEY = ClusterKey.generate();
  static final int PIECE = PieceLayout.MIN_PIECE_SIZE;

  PieceStore store;

  /** A store in the same place with what the last one left. */
  abstract PieceStore openStore() throws IOException;

  @BeforeEach
  void open() throws IOException {
    store = openStore();
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void reopen() throws IOException {
    store.close();
    store = openStore();
  }

  @Test
  void open_newBlob_holdsNothing() throws IOException {
    TestBlob blob = TestBlob.random(1, 3 * PIECE + 17);
    try (StoredBlob stored = store.open(KEY.sign(blob.map()))) {
      assertThat(stored.held().isEmpty()).isTrue();
      assertThat(stored.complete()).isFalse();
      assertThat(stored.map()).isEqualTo(blob.map());
      assertThat(stored.signedMap()).contains(KEY.sign(blob.map()));
      assertThat(stored.file().size()).isEqualTo(3 * PIECE + 17);
    }
    assertThat(store.bytesHeld()).isZero();
    assertThat(store.list())
        .containsExactly(new PieceStore.BlobSummary(blob.digest(), 3 * PIECE + 17, 4, 0));
  }

  @Test
  void write_piecesInAnyOrder_areHeldAndReadBack() throws IOException {
    TestBlob blob = TestBlob.random(2, 3 * PIECE + 17);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      for (int piece : new int[] {3, 0, 2}) {
        ByteBuffer[] buffers = blob.buffers(piece);
        stored.write(piece, buffers);
        assertThat(Arrays.stream(buffers).mapToInt(ByteBuffer::remaining).sum()).isZero();
        assertThat(stored.has(piece)).isTrue();
        assertThat(blob.read(stored, piece)).isEqualTo(blob.piece(piece));
      }
      assertThat(stored.has(1)).isFalse();
      assertThat(stored.held().stream()).containsExactly(0, 2, 3);
      assertThat(stored.complete()).isFalse();
      assertThat(store.bytesHeld()).isEqualTo(2 * PIECE + 17);
      blob.writeTo(stored, 1);
      assertThat(stored.complete()).isTrue();
      assertThat(stored.signedMap()).isEmpty();
    }
    assertThat(store.bytesHeld()).isEqualTo(3 * PIECE + 17);
  }

  @Test
  void write_sameWordTwice_countsOnce() throws IOException {
    TestBlob blob = TestBlob.random(3, PIECE);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      blob.writeTo(stored, 0);
      blob.writeTo(stored, 0);
    }
    assertThat(store.bytesHeld()).isEqualTo(PIECE);
  }

  @Test
  void write_wrongLength_isRefused() throws IOException {
    TestBlob blob = TestBlob.random(4, 2 * PIECE);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      assertThatThrownBy(() -> stored.write(0, new ByteBuffer[] {ByteBuffer.allocate(PIECE - 1)}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has " + PIECE + " bytes, found " + (PIECE - 1));
      assertThat(stored.has(0)).isFalse();
      assertThatThrownBy(() -> stored.has(2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> stored.has(-1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void write_afterClose_isRefused() throws IOException {
    TestBlob blob = TestBlob.random(5, PIECE);
    StoredBlob stored = store.openUnsigned(blob.map());
    stored.close();
    stored.close();
    assertThatThrownBy(() -> blob.writeTo(stored, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void file_afterClose_isRefusedWhetherItWasReadOrNot() throws IOException {
    TestBlob blob = TestBlob.random(18, PIECE);
    StoredBlob read = store.openUnsigned(blob.map());
    StoredBlob unread = store.openUnsigned(blob.map());
    blob.writeTo(read, 0);
    assertThat(blob.read(read, 0)).isEqualTo(blob.piece(0));
    for (StoredBlob claim : List.of(read, unread)) {
      claim.close();
      assertThatThrownBy(claim::file)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot read " + blob.digest() + ": claim is closed");
    }
  }

  @Test
  void file_manyFirstReaders_shareOneChannel() throws Exception {
    TestBlob blob = TestBlob.random(19, PIECE);
    try (StoredBlob claim = store.openUnsigned(blob.map());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<FileChannel>> readers = Collections.nCopies(50, claim::file);
      for (Future<FileChannel> file : threads.invokeAll(readers)) {
        assertThat(file.get()).isSameAs(claim.file());
      }
    }
  }

  @Test
  void file_deletedBetweenClaimAndFirstRead_isReadAllTheSame() throws IOException {
    TestBlob blob = TestBlob.random(20, PIECE);
    try (StoredBlob claim = store.openUnsigned(blob.map())) {
      blob.writeTo(claim, 0);
      store.delete(blob.digest());
      assertThat(blob.read(claim, 0)).isEqualTo(blob.piece(0));
    }
  }

  @Test
  void open_emptyBlob_isComplete() throws IOException {
    TestBlob blob = TestBlob.random(6, 0);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      assertThat(stored.complete()).isTrue();
    }
    reopen();
    assertThat(store.list()).hasSize(1).allMatch(PieceStore.BlobSummary::complete);
  }

  @Test
  void open_sha512Blob_isKeptToo() throws IOException {
    byte[] bytes = TestBlob.random(7, PIECE).bytes();
    Digest digest =
        Digest.of(Digest.Algorithm.SHA512, Digest.Algorithm.SHA512.newHasher().digest(bytes));
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(PIECE));
    builder.update(ByteBuffer.wrap(bytes));
    try (StoredBlob stored = store.openUnsigned(builder.finish(digest))) {
      stored.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
    }
    reopen();
    assertThat(store.list()).containsExactly(new PieceStore.BlobSummary(digest, PIECE, 1, 1));
  }

  @Test
  void open_twice_sharesThePieces() throws IOException {
    TestBlob blob = TestBlob.random(8, 2 * PIECE);
    StoredBlob first = store.open(KEY.sign(blob.map()));
    try (StoredBlob second = store.openUnsigned(blob.map())) {
      blob.writeTo(first, 1);
      assertThat(second.has(1)).isTrue();
      first.close();
      assertThat(blob.read(second, 1)).isEqualTo(blob.piece(1));
      assertThat(second.signedMap()).isPresent();
    }
  }

  @Test
  void open_signedAfterUnsigned_addsTheSignature() throws IOException {
    TestBlob blob = TestBlob.random(9, PIECE);
    store.openUnsigned(blob.map()).close();
    store.open(KEY.sign(blob.map())).close();
    reopen();
    try (StoredBlob stored = store.find(blob.digest()).orElseThrow()) {
      assertThat(stored.signedMap()).contains(KEY.sign(blob.map()));
    }
  }

  @Test
  void open_anotherMapOfTheSameBlob_beginsAnewUnlessInUse() throws IOException {
    TestBlob blob = TestBlob.random(10, PIECE);
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(PIECE));
    builder.update(ByteBuffer.wrap(TestBlob.random(11, PIECE).bytes()));
    PieceMap other = builder.finish(blob.digest());
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      blob.writeTo(stored, 0);
      assertThatThrownBy(() -> store.openUnsigned(other))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("piece map that differs");
    }
    try (StoredBlob stored = store.openUnsigned(other)) {
      assertThat(stored.has(0)).isFalse();
    }
  }

  @Test
  void find_unknownBlob_isEmpty() throws IOException {
    assertThat(store.find(Digest.sha256(new byte[1]))).isEmpty();
  }

  @Test
  void reopen_everythingWritten_isHeldStill() throws IOException {
    TestBlob whole = TestBlob.random(12, 5 * PIECE + 1);
    TestBlob part = TestBlob.random(13, 4 * PIECE);
    try (StoredBlob first = store.open(KEY.sign(whole.map()));
        StoredBlob second = store.openUnsigned(part.map())) {
      whole.writeAllTo(first);
      part.writeTo(second, 2);
    }
    reopen();
    assertThat(store.recovered()).isCompleted();
    assertThat(store.bytesHeld()).isEqualTo(6 * PIECE + 1);
    try (StoredBlob first = store.find(whole.digest()).orElseThrow();
        StoredBlob second = store.find(part.digest()).orElseThrow()) {
      assertThat(first.complete()).isTrue();
      assertThat(first.signedMap()).contains(KEY.sign(whole.map()));
      assertThat(whole.read(first, 5)).isEqualTo(whole.piece(5));
      assertThat(second.held().stream()).containsExactly(2);
      assertThat(second.signedMap()).isEmpty();
    }
  }

  @Test
  void delete_idleBlob_isGone() throws IOException {
    TestBlob blob = TestBlob.random(14, PIECE);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      blob.writeAllTo(stored);
    }
    store.delete(blob.digest());
    store.delete(blob.digest());
    assertThat(store.find(blob.digest())).isEmpty();
    assertThat(store.bytesHeld()).isZero();
    reopen();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void delete_openBlob_goesWithItsLastClaim() throws IOException {
    TestBlob blob = TestBlob.random(15, 2 * PIECE);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      blob.writeTo(stored, 0);
      store.delete(blob.digest());
      assertThat(store.find(blob.digest())).isEmpty();
      assertThat(store.list()).isEmpty();
      assertThat(blob.read(stored, 0)).isEqualTo(blob.piece(0));
      assertThatThrownBy(() -> store.openUnsigned(blob.map()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("being deleted");
    }
    try (StoredBlob again = store.openUnsigned(blob.map())) {
      assertThat(again.has(0)).isFalse();
    }
  }

  @Test
  void write_manyThreads_everyPieceIsHeldAndRight() throws Exception {
    long seed = System.nanoTime();
    List<TestBlob> blobs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      blobs.add(TestBlob.random(seed + i, 40 * PIECE + i));
    }
    List<Callable<Void>> writes = new ArrayList<>();
    List<StoredBlob> claims = new ArrayList<>();
    for (TestBlob blob : blobs) {
      StoredBlob claim = store.openUnsigned(blob.map());
      claims.add(claim);
      for (int copy = 0; copy < 2; copy++) {
        for (int piece = 0; piece < blob.layout().count(); piece++) {
          int index = piece;
          writes.add(() -> {
            blob.writeTo(claim, index);
            return null;
          });
        }
      }
    }
    Collections.shuffle(writes, new Random(seed));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> done : threads.invokeAll(writes)) {
        done.get();
      }
    }
    long expected = blobs.stream().mapToLong(blob -> blob.bytes().length).sum();
    assertThat(store.bytesHeld()).as("seed %d", seed).isEqualTo(expected);
    for (int i = 0; i < blobs.size(); i++) {
      assertThat(claims.get(i).complete()).as("seed %d", seed).isTrue();
      for (int piece = 0; piece < blobs.get(i).layout().count(); piece++) {
        assertThat(blobs.get(i).read(claims.get(i), piece)).isEqualTo(blobs.get(i).piece(piece));
      }
      claims.get(i).close();
    }
    reopen();
    assertThat(store.bytesHeld()).as("seed %d", seed).isEqualTo(expected);
  }

  @Test
  void interrupt_oneReader_leavesTheClaimUsable() throws Exception {
    TestBlob blob = TestBlob.random(16, 2 * PIECE);
    try (StoredBlob stored = store.openUnsigned(blob.map())) {
      blob.writeTo(stored, 0);
      Thread interrupted =
          Thread.ofPlatform()
              .start(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> blob.read(stored, 0)).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> blob.writeTo(stored, 1)).isInstanceOf(IOException.class);
              });
      interrupted.join();
      assertThat(blob.read(stored, 0)).isEqualTo(blob.piece(0));
      blob.writeTo(stored, 1);
      assertThat(stored.complete()).isTrue();
    }
  }

  @Test
  void use_afterClose_isRefused() throws IOException {
    TestBlob blob = TestBlob.random(17, 2 * PIECE);
    StoredBlob claim = store.openUnsigned(blob.map());
    store.close();
    assertThatThrownBy(() -> blob.writeTo(claim, 0)).hasMessageContaining("is closed");
    assertThatThrownBy(() -> store.openUnsigned(blob.map())).hasMessageContaining("is closed");
    assertThatThrownBy(() -> store.find(blob.digest())).hasMessageContaining("is closed");
    claim.close();
  }
}
