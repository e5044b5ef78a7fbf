package dev.longshore.swarm.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that {@link PieceStoreCrashTest} kills: it writes random pieces until then.
 *
 * <p>Arguments: folder, round, seed. Prints {@code ready}, {@code begin <n> <piece>} before and
 * {@code done <n> <piece>} after each write, and {@code syncing} and {@code synced} around each
 * sync. One more blob is deleted and begun anew all the time, and says nothing.
 */
final class CrashingWriter {
  static final int BLOBS = 3;
  private static final int PIECES = 80;
  private static final int THREADS = 3;

  private final FilePieceStore store;
  private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true);
  private final List<TestBlob> blobs = new ArrayList<>();
  private final List<StoredBlob> claims = new ArrayList<>();

  private CrashingWriter(FilePieceStore store, int round) throws IOException {
    this.store = store;
    for (int number = 0; number < BLOBS; number++) {
      blobs.add(blob(round, number));
      claims.add(store.openUnsigned(blobs.get(number).map()));
    }
  }

  static TestBlob blob(int round, int number) {
    return TestBlob.random(100L * round + number, PIECES * PieceStoreSuite.PIECE - 1);
  }

  /** The blob that comes and goes. */
  static TestBlob churned() {
    return TestBlob.random(-1, 6 * PieceStoreSuite.PIECE);
  }

  static FilePieceStore open(Path root) throws IOException {
    return (FilePieceStore)
        PieceStores.open(
            StoreConfig.defaults(root).withSyncEvery(Duration.ofHours(1)).withIndexEntries(4096),
            null,
            InstantSource.system(),
            new SimpleMeterRegistry());
  }

  public static void main(String[] args) throws IOException {
    Random random = new Random(Long.parseLong(args[2]));
    CrashingWriter writer = new CrashingWriter(open(Path.of(args[0])), Integer.parseInt(args[1]));
    writer.say("ready");
    for (int thread = 0; thread < THREADS; thread++) {
      long seed = random.nextLong();
      Thread.ofPlatform().start(() -> writer.write(new Random(seed)));
    }
    Thread.ofPlatform().start(writer::churn);
    while (true) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1, 200)));
      writer.say("syncing");
      writer.store.sync();
      writer.say("synced");
    }
  }

  private void write(Random random) {
    try {
      while (true) {
        int number = random.nextInt(BLOBS);
        int piece = random.nextInt(PIECES);
        say("begin " + number + " " + piece);
        blobs.get(number).writeTo(claims.get(number), piece);
        say("done " + number + " " + piece);
        LockSupport.parkNanos(random.nextInt(2_000_000));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void churn() {
    TestBlob blob = churned();
    try {
      while (true) {
        try (StoredBlob claim = store.openUnsigned(blob.map())) {
          blob.writeAllTo(claim);
        }
        store.delete(blob.digest());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One write a line, so that a kill cuts between lines or within the last. */
  private void say(String line) {
    byte[] bytes = (line + "\n").getBytes(UTF_8);
    out.write(bytes, 0, bytes.length);
  }
}
