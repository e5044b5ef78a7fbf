package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.store.PieceIndex.GroupNote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pieces a process believes in that reads the index of another. */
final class SharedIndexTest {
  private static final Digest BLOB = Digest.sha256(new byte[] {1});
  private static final long INCARNATION = 77;

  /** Piece 0 is durable, 1 held, 2 suspect and 3 absent. */
  private static final GroupNote NOTE = note(0b0011, 0b0101);

  @TempDir Path root;

  @Test
  void readable_ownerRuns_isWhatItHolds() throws Exception {
    try (PieceIndex owner = IndexFile.open(root, 256)) {
      owner.put(BLOB, 3, NOTE);
      SharedIndex reader = new SharedIndex(root);
      assertThat(pieces(reader)).containsExactly(0, 1);
      owner.put(BLOB, 3, note(0b1011, 0b0101));
      assertThat(pieces(reader)).containsExactly(0, 1, 3);
      owner.remove(BLOB, 4);
      assertThat(pieces(reader)).isEmpty();
    }
  }

  @Test
  void readable_blobThatCameAfterTheReader_isSeenAtOnce() throws Exception {
    try (PieceIndex owner = IndexFile.open(root, 256)) {
      SharedIndex reader = new SharedIndex(root);
      for (int number = 0; number < 20; number++) {
        Digest blob = Digest.sha256(new byte[] {2, (byte) number});
        owner.put(blob, 0, NOTE);
        assertThat(reader.readable(blob, 0, INCARNATION)[0]).isEqualTo(0b0011);
      }
    }
  }

  @Test
  void readable_blobOfAnotherIncarnation_isNothing() throws Exception {
    try (PieceIndex owner = IndexFile.open(root, 256)) {
      owner.put(BLOB, 3, NOTE);
      assertThat(new SharedIndex(root).readable(BLOB, 3, INCARNATION + 1)).containsOnly(0);
      assertThat(new SharedIndex(root).readable(BLOB, 2, INCARNATION)).containsOnly(0);
    }
  }

  @Test
  void readable_nextOwnerHasNotProvenIt_isWhatIsDurable() throws Exception {
    PieceIndex killed = IndexFile.open(root, 256);
    killed.put(BLOB, 3, NOTE);
    SharedIndex reader = new SharedIndex(root);
    assertThat(pieces(reader)).containsExactly(0, 1);
    try (PieceIndex next = IndexFile.open(root, 256)) {
      assertThat(pieces(reader)).containsExactly(0);
      next.put(BLOB, 3, NOTE);
      assertThat(pieces(reader)).containsExactly(0, 1);
    }
    killed.close();
  }

  @Test
  void readable_machineWasStartedAnew_isWhatIsDurable() throws Exception {
    try (PieceIndex owner = IndexFile.open(root, 256)) {
      owner.put(BLOB, 3, NOTE);
      Path line = root.resolve(IndexFile.STATE_NAME);
      int run = IndexState.parse(Files.readAllBytes(line)).orElseThrow().run();
      new IndexState(run, "an-earlier-boot").write(line);
      assertThat(pieces(new SharedIndex(root))).containsExactly(0);
    }
  }

  @Test
  void readable_whileTheOwnerChangesIt_isNeverHalfOfANote() throws Exception {
    try (PieceIndex owner = IndexFile.open(root, 256)) {
      owner.put(BLOB, 3, note(0, 0));
      SharedIndex reader = new SharedIndex(root);
      AtomicBoolean stop = new AtomicBoolean();
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> {
            for (long word = 0; !stop.get(); word++) {
              put(owner, word);
            }
          });
      for (int i = 0; i < 200_000; i++) {
        long[] words = reader.readable(BLOB, 3, INCARNATION);
        assertThat(words).containsOnly(words[0]);
      }
      stop.set(true);
      writing.join();
    }
  }

  @Test
  void open_stateLineHalfWritten_isRefused() throws IOException {
    Files.write(root.resolve(IndexFile.STATE_NAME), new byte[5]);
    assertThatThrownBy(() -> new SharedIndex(root)).hasMessageContaining("just being made");
  }

  private static void put(PieceIndex owner, long word) {
    long[] words = new long[PieceIndex.GROUP_WORDS];
    Arrays.fill(words, word);
    try {
      owner.put(BLOB, 3, new GroupNote(INCARNATION, words, words));
    } catch (PieceIndex.IndexFullException e) {
      throw new AssertionError(e);
    }
  }

  private static int[] pieces(SharedIndex index) {
    return BitSet.valueOf(index.readable(BLOB, 3, INCARNATION)).stream().toArray();
  }

  private static GroupNote note(long held, long kept) {
    long[] heldWords = new long[PieceIndex.GROUP_WORDS];
    long[] keptWords = new long[PieceIndex.GROUP_WORDS];
    heldWords[0] = held;
    keptWords[0] = kept;
    return new GroupNote(INCARNATION, heldWords, keptWords);
  }
}
