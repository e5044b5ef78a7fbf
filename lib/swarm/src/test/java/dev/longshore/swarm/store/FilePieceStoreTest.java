package dev.longshore.swarm.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The store on files: the common suite, and what only files can suffer. */
final class FilePieceStoreTest extends PieceStoreSuite {
  @TempDir Path root;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private long now = 1_000;

  @Override
  FilePieceStore openStore() throws IOException {
    return openStore(config());
  }

  private StoreConfig config() {
    return StoreConfig.defaults(root).withSyncEvery(Duration.ofHours(1)).withIndexEntries(4096);
  }

  private FilePieceStore openStore(StoreConfig config) throws IOException {
    InstantSource clock = () -> java.time.Instant.ofEpochMilli(now++);
    return (FilePieceStore) PieceStores.open(config, KEY.trusted(), clock, metrics);
  }

  private void reopen(StoreConfig config) throws IOException {
    store.close();
    store = openStore(config);
  }

  private Path file(Digest digest) {
    return new BlobDirectory(root).file(digest);
  }

  private TestBlob stored(long seed, int size) throws IOException {
    TestBlob blob = TestBlob.random(seed, size);
    try (StoredBlob claim = store.open(KEY.sign(blob.map()))) {
      blob.writeAllTo(claim);
    }
    return blob;
  }

  @Test
  void open_secondStoreOnTheFolder_isRefused() {
    assertThatThrownBy(this::openStore)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another process has it open");
  }

  @Test
  void open_oldKeyNoLongerTrusted_keepsThePiecesButNotTheSignature() throws IOException {
    TestBlob blob = stored(20, PIECE);
    store.close();
    store =
        PieceStores.open(
            config(), ClusterKey.generate().trusted(), InstantSource.system(), metrics);
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThat(claim.complete()).isTrue();
      assertThat(claim.signedMap()).isEmpty();
    }
  }

  @Test
  void reopen_indexDeleted_provesEveryPiece() throws IOException {
    TestBlob blob = stored(21, 5 * PIECE + 9);
    store.close();
    deleteIndex();
    Files.write(file(blob.digest()), flipped(blob.bytes(), 2 * PIECE + 5));
    store = openStore();
    store.recovered().join();
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThat(claim.held().stream()).containsExactly(0, 1, 3, 4, 5);
    }
    assertThat(metrics.counter(StoreMetrics.PROVEN).count()).isEqualTo(5);
    assertThat(metrics.counter(StoreMetrics.DISPROVEN).count()).isEqualTo(1);
  }

  @Test
  void reopen_indexGarbled_provesEveryPiece() throws IOException {
    TestBlob blob = stored(22, 3 * PIECE);
    store.close();
    Path index = index();
    byte[] garbage = Files.readAllBytes(index);
    Arrays.fill(garbage, garbage.length / 4, garbage.length / 2, (byte) 0x5a);
    Files.write(index, garbage);
    store = openStore();
    store.recovered().join();
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThat(claim.complete()).isTrue();
    }
  }

  @Test
  void reopen_indexTruncated_provesEveryPiece() throws IOException {
    TestBlob blob = stored(23, 3 * PIECE);
    store.close();
    try (RandomAccessFile index = new RandomAccessFile(index().toFile(), "rw")) {
      index.setLength(index.length() / 2);
    }
    store = openStore();
    store.recovered().join();
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThat(claim.complete()).isTrue();
    }
  }

  @Test
  void reopen_indexOfAnotherSize_provesEveryPiece() throws IOException {
    TestBlob blob = stored(24, 3 * PIECE);
    reopen(config().withIndexEntries(2048));
    store.recovered().join();
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThat(claim.complete()).isTrue();
    }
    try (Stream<Path> files = Files.list(root)) {
      assertThat(files.filter(path -> path.toString().endsWith(".index"))).hasSize(1);
    }
  }

  @Test
  void reopen_mapDamaged_forgetsTheBlob() throws IOException {
    TestBlob blob = stored(25, PIECE);
    TestBlob other = stored(26, PIECE);
    store.close();
    Path map = new BlobDirectory(root).mapFile(blob.digest());
    Files.write(map, flipped(Files.readAllBytes(map), 12));
    store = openStore();
    assertThat(store.list())
        .extracting(PieceStore.BlobSummary::digest)
        .containsExactly(other.digest());
    assertThat(file(blob.digest())).doesNotExist();
  }

  @Test
  void reopen_mapHashesDamaged_findFailsAndOpenBeginsAnew() throws IOException {
    TestBlob blob = stored(27, PIECE);
    store.close();
    Path map = new BlobDirectory(root).mapFile(blob.digest());
    byte[] bytes = Files.readAllBytes(map);
    Files.write(map, flipped(bytes, bytes.length - 1));
    store = openStore();
    assertThatThrownBy(() -> store.find(blob.digest()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("checksum is wrong");
    try (StoredBlob claim = store.openUnsigned(blob.map())) {
      assertThat(claim.has(0)).isFalse();
    }
  }

  @Test
  void reopen_fileMissingOrShort_forgetsTheBlob() throws IOException {
    TestBlob missing = stored(28, PIECE);
    TestBlob cut = stored(29, PIECE);
    store.close();
    Files.delete(file(missing.digest()));
    try (RandomAccessFile file = new RandomAccessFile(file(cut.digest()).toFile(), "rw")) {
      file.setLength(PIECE - 1);
    }
    store = openStore();
    assertThat(store.list()).isEmpty();
    assertThat(store.bytesHeld()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000})
  void reopen_pinsFileSpoilt_pinsNothingAndEvictsAsBefore(int bytes) throws IOException {
    StoreConfig small = config().withQuota(10 * PIECE);
    TestBlob kept = stored(19, 4 * PIECE);
    store.close();
    byte[] garbage = new byte[bytes];
    new java.util.Random(19).nextBytes(garbage);
    Files.write(root.resolve("pins.lock"), garbage);
    store = openStore(small);
    try (StoredBlob claim = store.find(kept.digest()).orElseThrow()) {
      assertThat(claim.complete()).isTrue();
    }
    stored(20, 8 * PIECE);
    assertThat(store.find(kept.digest())).isEmpty();
  }

  @Test
  void reopen_pinsFileIsAFolder_saysSo() throws IOException {
    store.close();
    Files.delete(root.resolve("pins.lock"));
    Path folder = Files.createDirectory(root.resolve("pins.lock"));
    assertThatThrownBy(() -> openStore(config()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("pins.lock");
    Files.delete(folder);
    store = openStore(config());
  }

  @Test
  void reopen_strayFiles_areClearedAway() throws IOException {
    TestBlob blob = stored(30, PIECE);
    store.close();
    Path file = file(blob.digest());
    Path orphan = file.resolveSibling(blob.digest().hex().replace('0', '1').replace('a', 'b'));
    Path temporary = file.resolveSibling(blob.digest().hex() + ".map.tmp");
    Files.write(orphan, new byte[5]);
    Files.write(temporary, new byte[5]);
    store = openStore();
    assertThat(orphan).doesNotExist();
    assertThat(temporary).doesNotExist();
    assertThat(store.list()).hasSize(1);
  }

  @Test
  void open_aboveHighWatermark_evictsTheLeastRecentlyUsed() throws IOException {
    reopen(config().withQuota(10 * PIECE));
    TestBlob oldest = stored(31, 3 * PIECE);
    TestBlob older = stored(32, 3 * PIECE);
    TestBlob newest = stored(33, 3 * PIECE);
    try (StoredBlob used = store.find(oldest.digest()).orElseThrow()) {
      assertThat(used.complete()).isTrue();
    }
    TestBlob more = stored(34, 2 * PIECE);
    assertThat(store.find(older.digest())).isEmpty();
    assertThat(file(older.digest())).doesNotExist();
    assertThat(store.list())
        .extracting(PieceStore.BlobSummary::digest)
        .containsExactlyInAnyOrder(oldest.digest(), newest.digest(), more.digest());
    assertThat(metrics.counter(StoreMetrics.EVICTED).count()).isEqualTo(3 * PIECE);
  }

  @Test
  void open_clockJumpedForthAndBack_evictsTheLeastRecentlyUsed() throws IOException {
    reopen(config().withQuota(10 * PIECE));
    long right = now;
    TestBlob first = stored(34, 3 * PIECE);
    now = right + Duration.ofDays(4000).toMillis();
    TestBlob second = stored(35, 3 * PIECE);
    now = right - Duration.ofDays(4000).toMillis();
    TestBlob third = stored(36, 3 * PIECE);
    stored(37, 2 * PIECE);
    assertThat(store.find(first.digest())).isEmpty();
    reopen(config().withQuota(10 * PIECE));
    stored(38, 3 * PIECE);
    assertThat(store.find(second.digest())).isEmpty();
    try (StoredBlob left = store.find(third.digest()).orElseThrow()) {
      assertThat(left.complete()).isTrue();
    }
  }

  @Test
  void open_quotaTakenByBlobsInUse_isRefused() throws IOException {
    reopen(config().withQuota(10 * PIECE));
    TestBlob first = TestBlob.random(35, 6 * PIECE);
    TestBlob second = TestBlob.random(36, 5 * PIECE);
    try (StoredBlob claim = store.openUnsigned(first.map())) {
      assertThatThrownBy(() -> store.openUnsigned(second.map()))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining("the quota is " + 10 * PIECE);
      first.writeAllTo(claim);
    }
    try (StoredBlob claim = store.openUnsigned(second.map())) {
      second.writeAllTo(claim);
    }
    assertThat(store.find(first.digest())).isEmpty();
    assertThat(metrics.counter(StoreMetrics.FULL).count()).isEqualTo(1);
  }

  @Test
  void open_largerThanTheQuota_isRefusedWithoutEvictingForIt() throws IOException {
    reopen(config().withQuota(10 * PIECE));
    TestBlob idle = stored(41, 9 * PIECE);
    assertThatThrownBy(() -> store.openUnsigned(TestBlob.random(42, 11 * PIECE).map()))
        .isInstanceOf(StoreFullException.class)
        .hasMessageContaining("the quota is " + 10 * PIECE);
    assertThat(store.find(idle.digest()).orElseThrow())
        .satisfies(claim -> assertThat(claim.complete()).isTrue())
        .satisfies(StoredBlob::close);
  }

  @Test
  void open_twice_countsOnceInTheQuota() throws IOException {
    reopen(config().withQuota(10 * PIECE));
    TestBlob blob = TestBlob.random(43, 8 * PIECE);
    try (StoredBlob first = store.openUnsigned(blob.map());
        StoredBlob second = store.openUnsigned(blob.map())) {
      blob.writeAllTo(first);
      assertThat(second.complete()).isTrue();
    }
  }

  @Test
  void file_notReadYet_isNotOpen() throws IOException {
    TestBlob blob = TestBlob.random(44, PIECE);
    try (StoredBlob claim = store.openUnsigned(blob.map());
        StoredBlob other = store.find(blob.digest()).orElseThrow()) {
      assertThat(openIn(root, blob)).isZero();
      blob.writeTo(claim, 0);
      assertThat(openIn(root, blob)).as("to write").isEqualTo(1);
      assertThat(blob.read(other, 0)).isEqualTo(blob.piece(0));
      assertThat(openIn(root, blob)).isEqualTo(2);
    }
    assertThat(openIn(root, blob)).isZero();
  }

  /** How many descriptors this process has of a blob's file. */
  private static int openIn(Path root, TestBlob blob) throws IOException {
    Path file = new BlobDirectory(root).file(blob.digest()).toRealPath();
    int open = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        if (Files.isSymbolicLink(descriptor) && Files.readSymbolicLink(descriptor).equals(file)) {
          open++;
        }
      }
    }
    return open;
  }

  @Test
  void file_cannotBeOpened_saysSoAndIsTriedAgain() throws IOException {
    TestBlob blob = stored(45, PIECE);
    Path file = file(blob.digest());
    Path kept = root.resolve("kept");
    Files.move(file, kept);
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThatThrownBy(claim::file)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot read " + blob.digest() + ": opening its file failed")
          .hasMessageContaining("NoSuchFile");
      Files.createSymbolicLink(file, file.getFileName());
      assertThatThrownBy(claim::file).hasMessageContaining("Too many levels of symbolic links");
      Files.delete(file);
      Files.move(kept, file);
      assertThat(blob.read(claim, 0)).isEqualTo(blob.piece(0));
    }
  }

  @Test
  void find_idleLonePiece_needsNoSecondLookAtItsMap() throws IOException {
    TestBlob created = TestBlob.random(46, PIECE - 1);
    store.openUnsigned(created.map()).close();
    TestBlob found = TestBlob.random(47, 100);
    store.openUnsigned(found.map()).close();
    Files.delete(new BlobDirectory(root).mapFile(created.digest()));
    try (StoredBlob claim = store.find(created.digest()).orElseThrow()) {
      assertThat(claim.map()).isEqualTo(created.map());
      assertThat(claim.signedMap()).isEmpty();
      created.writeAllTo(claim);
    }
    reopen(config());
    assertThat(store.find(created.digest())).as("a file without a map proves nothing").isEmpty();
    store.find(found.digest()).orElseThrow().close();
    Files.delete(new BlobDirectory(root).mapFile(found.digest()));
    try (StoredBlob claim = store.find(found.digest()).orElseThrow()) {
      assertThat(claim.map()).isEqualTo(found.map());
    }
  }

  @Test
  void find_onePieceWithASignature_readsItAgain() throws IOException {
    TestBlob blob = TestBlob.random(48, PIECE);
    store.openUnsigned(blob.map()).close();
    store.open(KEY.sign(blob.map())).close();
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThat(claim.signedMap()).contains(KEY.sign(blob.map()));
    }
  }

  @Test
  void find_onePieceWhoseHashIsNotTheDigest_readsItAgain() throws IOException {
    PieceMap map =
        TestBlob.mapOfEqualPieces(
            new PieceLayout(PIECE, PIECE), TestBlob.random(49, PIECE).bytes());
    store.openUnsigned(map).close();
    try (StoredBlob claim = store.find(map.digest()).orElseThrow()) {
      assertThat(claim.map()).isEqualTo(map);
    }
    Files.delete(new BlobDirectory(root).mapFile(map.digest()));
    assertThatThrownBy(() -> store.find(map.digest())).isInstanceOf(IOException.class);
  }

  @Test
  void write_diskFull_saysSoAndKeepsTheRest() throws IOException {
    TestBlob blob = TestBlob.random(37, 2 * PIECE);
    try (StoredBlob claim = store.openUnsigned(blob.map())) {
      blob.writeTo(claim, 0);
    }
    Path file = file(blob.digest());
    Path kept = root.resolve("kept");
    Files.move(file, kept);
    Files.createSymbolicLink(file, Path.of("/dev/full")); // a file on which every write is ENOSPC
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThatThrownBy(() -> blob.writeTo(claim, 1))
          .isInstanceOf(StoreFullException.class)
          .hasMessageContaining("cannot write piece 1 of " + blob.digest())
          .hasMessageContaining("is full");
      assertThat(claim.held().stream()).containsExactly(0);
    }
    Files.delete(file);
    Files.move(kept, file);
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      blob.writeTo(claim, 1);
      assertThat(claim.complete()).isTrue();
    }
  }

  @Test
  void write_diskFull_evictsWhatNobodyUsesBeforeGivingUp() throws IOException {
    TestBlob idle = stored(38, PIECE);
    TestBlob blob = TestBlob.random(39, PIECE);
    store.openUnsigned(blob.map()).close();
    Files.delete(file(blob.digest()));
    Files.createSymbolicLink(file(blob.digest()), Path.of("/dev/full"));
    try (StoredBlob claim = store.find(blob.digest()).orElseThrow()) {
      assertThatThrownBy(() -> blob.writeTo(claim, 0)).isInstanceOf(StoreFullException.class);
    }
    assertThat(store.find(idle.digest())).isEmpty();
  }

  @Test
  void open_indexFull_evictsAndThenSaysSo() throws IOException {
    reopen(config().withIndexEntries(64));
    int opened = 0;
    for (int seed = 0; seed < 200; seed++) {
      store.openUnsigned(TestBlob.random(1000 + seed, 1).map()).close();
      opened++;
    }
    assertThat(opened).isEqualTo(200);
    assertThat(store.list()).hasSizeLessThan(200).isNotEmpty();
  }

  @Test
  void write_beyondFourGibibytes_landsWhereItShould() throws IOException {
    PieceLayout layout = PieceLayout.forSize(5L << 30);
    byte[] bytes = TestBlob.random(40, layout.pieceSize()).bytes();
    int last = layout.count() - 1;
    PieceMap map = TestBlob.mapOfEqualPieces(layout, bytes);
    try (StoredBlob claim = store.openUnsigned(map)) {
      claim.write(last, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      ByteBuffer back = ByteBuffer.allocate(layout.pieceSize());
      assertThat(claim.file().read(back, layout.offset(last))).isEqualTo(layout.pieceSize());
      assertThat(back.array()).isEqualTo(bytes);
      assertThat(claim.file().size()).isEqualTo(5L << 30);
    }
    assertThat(blocks(file(map.digest())) * 512).isLessThan(2L * layout.pieceSize());
    reopen(config());
    try (StoredBlob claim = store.find(map.digest()).orElseThrow()) {
      assertThat(claim.held().stream()).containsExactly(last);
    }
  }

  private static long blocks(Path file) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes(), UTF_8).strip());
  }

  private Path index() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(path -> path.toString().endsWith(".index")).findFirst().orElseThrow();
    }
  }

  private void deleteIndex() throws IOException {
    Files.delete(index());
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    copy[at] ^= 1;
    return copy;
  }
}
