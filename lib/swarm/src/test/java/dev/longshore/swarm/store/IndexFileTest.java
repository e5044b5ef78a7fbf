package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.store.PieceIndex.BlobNote;
import dev.longshore.swarm.store.PieceIndex.GroupNote;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an index takes over from whatever bytes its last process left. */
final class IndexFileTest {
  private static final int ENTRIES = 1024;

  @TempDir Path root;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void open_afterAKill_hasEveryNote() throws Exception {
    PieceIndex killed = IndexFile.open(root, ENTRIES);
    List<GroupNote> notes = new ArrayList<>();
    for (int number = 0; number < 200; number++) {
      notes.add(randomNote(number));
      killed.put(digest(number), new BlobNote(number, 5L << 30, 1 << 20, 77 + number));
      killed.put(digest(number), number % 3, notes.get(number));
    }
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) { // the other one was never closed
      for (int number = 0; number < 200; number++) {
        assertThat(index.blob(digest(number)))
            .contains(new BlobNote(number, 5L << 30, 1 << 20, 77 + number));
        assertSame(index.group(digest(number), number % 3), notes.get(number));
        assertThat(index.group(digest(number), number % 3 + 1)).isEmpty();
      }
    }
    killed.close();
  }

  /** A note stays where it is in the file, so that a reader may remember the place. */
  @Test
  void put_again_changesTheEntryInPlace() throws Exception {
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      for (int number = 0; number < 50; number++) {
        index.put(digest(number), 0, randomNote(number));
      }
      Set<Long> before = places();
      GroupNote last = randomNote(7);
      index.put(digest(7), 0, randomNote(7));
      index.put(digest(7), 0, last);
      assertThat(places()).isEqualTo(before).hasSize(50);
      assertSame(index.group(digest(7), 0), last);
    }
  }

  @Test
  void remove_entry_leavesNoTraceInTheFile() throws Exception {
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      index.put(digest(1), new BlobNote(1, 1, 1, 1));
      index.put(digest(1), 0, randomNote(1));
      index.remove(digest(1), 1);
      assertThat(places()).isEmpty();
    }
  }

  @Test
  void open_entryTorn_forgetsThatOneOnly() throws Exception {
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      for (int number = 0; number < 50; number++) {
        index.put(digest(number), 0, randomNote(number));
      }
    }
    byte[] bytes = Files.readAllBytes(file());
    long torn = places().iterator().next();
    bytes[Math.toIntExact(torn) + random.nextInt(IndexEntry.BYTES)] ^= 0x10;
    Files.write(file(), bytes);
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      int there = 0;
      for (int number = 0; number < 50; number++) {
        there += index.group(digest(number), 0).isPresent() ? 1 : 0;
      }
      assertThat(there).as("seed %d", seed).isEqualTo(49);
    }
  }

  /** As when the power fails between the write-back of two pages. */
  @Test
  void open_twoEntriesOfOneKey_believesNeither() throws Exception {
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      index.put(digest(1), 0, randomNote(1));
      index.put(digest(2), 0, randomNote(2));
    }
    byte[] bytes = Files.readAllBytes(file());
    byte[] key = IndexEntry.key(digest(1), 0);
    byte[] value = IndexEntry.value(key, 0, randomNote(3));
    int end = bytes.length;
    byte[] more = Arrays.copyOf(bytes, end + IndexEntry.BYTES);
    System.arraycopy(key, 0, more, end, key.length);
    System.arraycopy(value, 0, more, end + key.length, value.length);
    Files.write(file(), more);
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      assertThat(index.group(digest(1), 0)).isEmpty();
      assertThat(index.group(digest(2), 0)).isPresent();
    }
  }

  @Test
  void open_garbage_beginsAnew() throws Exception {
    byte[] garbage = new byte[300_000];
    random.nextBytes(garbage);
    Files.write(file(), garbage);
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      index.put(digest(1), 0, randomNote(1));
      assertThat(places()).hasSize(1);
    }
  }

  /** Chronicle Map would wait a minute for the maker to go on. */
  @Test
  void open_lastProcessDiedMakingItsFile_takesOverTheOneBefore() throws Exception {
    GroupNote note = randomNote(1);
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      index.put(digest(1), 0, note);
    }
    byte[] half = Files.readAllBytes(file());
    Arrays.fill(half, 0, 4096, (byte) 0);
    Files.write(root.resolve(IndexFile.NAME + ".new"), half);
    try (PieceIndex index = IndexFile.open(root, ENTRIES)) {
      assertSame(index.group(digest(1), 0), note);
    }
    try (Stream<Path> files = Files.list(root)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(IndexFile.NAME, IndexFile.STATE_NAME);
    }
  }

  @Test
  void open_smallerThanBefore_keepsWhatThereIsRoomFor() throws Exception {
    try (PieceIndex index = IndexFile.open(root, 4 * ENTRIES)) {
      for (int number = 0; number < 3 * ENTRIES; number++) {
        index.put(digest(number), 0, randomNote(number));
      }
    }
    try (PieceIndex index = IndexFile.open(root, 256)) {
      assertThat(places()).hasSizeBetween(256, 3 * ENTRIES - 1);
      assertThat(index.blob(digest(0))).isEmpty();
    }
  }

  @Test
  void state_writtenTwice_isReadBack() throws Exception {
    Path file = root.resolve("state");
    new IndexState(0xdeadbeef, "some-boot").write(file);
    IndexState state = IndexState.ofThisBoot(7);
    state.write(file);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(IndexState.BYTES);
    assertThat(IndexState.parse(bytes)).contains(state);
    assertThat(state.isOfThisBoot()).isTrue();
    assertThat(new IndexState(7, "another").isOfThisBoot()).isFalse();
    bytes[6] ^= 1;
    assertThat(IndexState.parse(bytes)).isEmpty();
    assertThat(IndexState.parse(new byte[IndexState.BYTES])).isEmpty();
  }

  private Set<Long> places() throws IOException {
    Set<Long> places = new HashSet<>();
    IndexScan.forEach(
        MemorySegment.ofArray(Files.readAllBytes(file())), (at, key, value) -> places.add(at));
    return places;
  }

  private Path file() {
    return root.resolve(IndexFile.NAME);
  }

  private static Digest digest(int number) {
    return Digest.sha256(new byte[] {(byte) number, (byte) (number >> 8)});
  }

  private GroupNote randomNote(long incarnation) {
    return new GroupNote(
        incarnation,
        random.longs(PieceIndex.GROUP_WORDS).toArray(),
        random.longs(PieceIndex.GROUP_WORDS).toArray());
  }

  private static void assertSame(Optional<GroupNote> found, GroupNote expected) {
    assertThat(found).isPresent();
    assertThat(found.get().incarnation()).isEqualTo(expected.incarnation());
    assertThat(found.get().held()).isEqualTo(expected.held());
    assertThat(found.get().kept()).isEqualTo(expected.kept());
  }
}
