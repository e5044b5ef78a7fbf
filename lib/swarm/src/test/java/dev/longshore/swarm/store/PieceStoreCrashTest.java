package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills a real process that uses a store, again and again, with SIGKILL: {@code
 * -Dlongshore.crash.rounds=200} for more rounds, {@code -Dlongshore.crash.seed=…} for the same
 * ones.
 */
final class PieceStoreCrashTest {
  private static final Logger log = LoggerFactory.getLogger(PieceStoreCrashTest.class);

  private static final int ROUNDS = Integer.getInteger("longshore.crash.rounds", 20);

  /** Far more than an open takes on a busy machine, and less than any wait for a dead process. */
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(15);

  @TempDir Path root;
  private Duration slowestOpen = Duration.ZERO;

  /** A piece of one of the round's blobs. */
  private record Piece(int blob, int piece) {}

  /** What the killed process had said. */
  private static final class Said {
    final Set<Piece> begun = new HashSet<>();
    final Set<Piece> done = new HashSet<>();

    /** Done before a sync began that also ended. */
    final Set<Piece> synced = new HashSet<>();

    /** Not even begun when the last sync ended: no sync can have covered them. */
    final Set<Piece> unsynced = new HashSet<>();

    private final Set<Piece> covered = new HashSet<>();
    private final Set<Piece> begunBefore = new HashSet<>();
    private boolean syncing;

    void line(String line) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "begin" -> begun.add(piece(words));
        case "done" -> {
          done.add(piece(words));
          if (!syncing && !begunBefore.contains(piece(words))) {
            unsynced.add(piece(words));
          }
        }
        case "syncing" -> {
          covered.addAll(done);
          syncing = true;
          unsynced.clear();
        }
        case "synced" -> {
          synced.addAll(covered);
          begunBefore.addAll(begun);
          syncing = false;
        }
        default -> assertThat(line).isEqualTo("ready");
      }
    }

    private static Piece piece(String[] words) {
      return new Piece(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    }
  }

  @Test
  void kill_atAnyTime_losesNoSyncedPieceAndBelievesNoWrongByte() throws Exception {
    long seed = Long.getLong("longshore.crash.seed", System.nanoTime());
    Random random = new Random(seed);
    int checked = 0;
    int tampered = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String as = "seed " + seed + ", round " + round;
      boolean early = round % 4 == 3; // somewhere in start-up and recovery
      Said said = runAndKill(round, random, early);
      Set<Piece> spoilt = spoil(round, said, random);
      if (round % 3 == 1) {
        runAndKill(round + 1_000, random, true); // it may die again while it recovers
      }
      check(as, round, said, spoilt);
      checked += said.done.size();
      tampered += spoilt.size();
    }
    log.info(
        "Killed {} times (seed {}): {} pieces checked, {} spoilt; slowest open after it {} ms",
        ROUNDS,
        seed,
        checked,
        tampered,
        slowestOpen.toMillis());
    assertThat(checked).as("seed %d", seed).isPositive();
  }

  private Said runAndKill(int round, Random random, boolean early) throws Exception {
    try (ChildJvm process =
        ChildJvm.start(
            CrashingWriter.class,
            root.toString(),
            Integer.toString(round),
            Long.toString(random.nextLong()))) {
      Said said = new Said();
      CompletableFuture<Void> ready = new CompletableFuture<>();
      CompletableFuture<Void> reader =
          CompletableFuture.runAsync(() -> listen(process, said, ready));
      if (!early) {
        ready.get(60, TimeUnit.SECONDS);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(early ? 1_500 : 500)));
      process.kill();
      reader.get(10, TimeUnit.SECONDS);
      return said;
    }
  }

  /** Every line is one write of fewer than PIPE_BUF bytes, so none is ever cut (pipe(7)). */
  private static void listen(ChildJvm process, Said said, CompletableFuture<Void> ready) {
    try {
      process.listen(line -> {
        said.line(line);
        ready.complete(null);
      });
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      ready.completeExceptionally(new IllegalStateException("the process ended by itself"));
    }
  }

  /** Flips a byte in half the pieces that were written and cannot have been synced. */
  private Set<Piece> spoil(int round, Said said, Random random) throws IOException {
    Set<Piece> spoilt = new HashSet<>();
    BlobDirectory directory = new BlobDirectory(root);
    for (Piece piece : said.unsynced) {
      if (random.nextBoolean()) {
        TestBlob blob = CrashingWriter.blob(round, piece.blob());
        Path path = directory.file(blob.digest());
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
          long at = blob.layout().offset(piece.piece()) + random.nextInt(1_000);
          file.seek(at);
          int old = file.read();
          file.seek(at);
          file.write(old ^ 1);
        }
        spoilt.add(piece);
      }
    }
    return spoilt;
  }

  private void check(String as, int round, Said said, Set<Piece> spoilt) throws IOException {
    long start = System.nanoTime();
    try (FilePieceStore store = CrashingWriter.open(root)) {
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      assertThat(taken).as(as).isLessThan(OPEN_LIMIT);
      slowestOpen = taken.compareTo(slowestOpen) > 0 ? taken : slowestOpen;
      store.recovered().join();
      for (int number = 0; number < CrashingWriter.BLOBS; number++) {
        TestBlob blob = CrashingWriter.blob(round, number);
        Optional<StoredBlob> found = store.find(blob.digest());
        if (found.isEmpty()) {
          int expected = number;
          assertThat(said.done).as(as).noneMatch(piece -> piece.blob() == expected);
          continue;
        }
        try (StoredBlob claim = found.get()) {
          for (int piece = 0; piece < blob.layout().count(); piece++) {
            Piece id = new Piece(number, piece);
            String what = as + ", " + id + (said.synced.contains(id) ? ", synced" : "");
            if (claim.has(piece)) {
              assertThat(spoilt).as(what).doesNotContain(id);
              assertThat(blob.read(claim, piece)).as(what).isEqualTo(blob.piece(piece));
            } else if (!spoilt.contains(id)) {
              assertThat(said.done).as(what).doesNotContain(id);
            }
          }
        }
        store.delete(blob.digest());
      }
      checkHeld(as, store, CrashingWriter.churned());
    }
  }

  private static void checkHeld(String as, FilePieceStore store, TestBlob blob) throws IOException {
    Optional<StoredBlob> found = store.find(blob.digest());
    if (found.isPresent()) {
      try (StoredBlob claim = found.get()) {
        for (int piece = 0; piece < blob.layout().count(); piece++) {
          if (claim.has(piece)) {
            assertThat(blob.read(claim, piece)).as(as).isEqualTo(blob.piece(piece));
          }
        }
      }
    }
  }
}
