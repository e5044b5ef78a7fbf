package dev.longshore.swarm.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.piece.PieceMap;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.node.SourceReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobIntakeTest {
  private static final byte[] BLOB = random(7, 1_000_000);
  private static final Digest DIGEST = Digest.sha256(BLOB);

  @TempDir Path spool;

  @Test
  void start_honestSource_givesTheBytesAndTheMap() throws Exception {
    try (BlobIntake intake = BlobIntake.start(spool, DIGEST, BLOB.length, reader(BLOB))) {
      assertThat(intake.await(BLOB.length)).isEqualTo(BLOB.length);
      PieceMap map = intake.completion().get();
      assertThat(map.digest()).isEqualTo(DIGEST);
      assertThat(map.layout().size()).isEqualTo(BLOB.length);
      assertThat(read(intake)).isEqualTo(BLOB);
    }
  }

  @Test
  void start_sourceThatBreaksOff_isAskedForTheRest() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    SourceReader flaky =
        (offset, length) -> {
          opened.incrementAndGet();
          int some = (int) Math.min(400_000, length);
          return new ByteArrayInputStream(BLOB, (int) offset, some);
        };
    try (BlobIntake intake = BlobIntake.start(spool, DIGEST, BLOB.length, flaky)) {
      intake.completion().get();
      assertThat(read(intake)).isEqualTo(BLOB);
      assertThat(opened).hasValue(3);
    }
  }

  @Test
  void start_wrongBytes_neverShowsTheEnd() throws Exception {
    byte[] wrong = BLOB.clone();
    wrong[0] ^= 1;
    try (BlobIntake intake = BlobIntake.start(spool, DIGEST, BLOB.length, reader(wrong))) {
      assertThatThrownBy(() -> intake.completion().get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(DigestMismatchException.class);
      assertThatThrownBy(() -> intake.await(BLOB.length)).hasMessageContaining("wrong bytes");
    }
  }

  @Test
  void start_deniedSource_failsAtOnce() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    SourceReader denied =
        (offset, length) -> {
          opened.incrementAndGet();
          throw new SourceDeniedException("no such blob");
        };
    try (BlobIntake intake = BlobIntake.start(spool, DIGEST, BLOB.length, denied)) {
      assertThatThrownBy(() -> intake.await(1)).hasMessageContaining("no such blob");
      assertThat(opened).hasValue(1);
    }
  }

  @Test
  void close_running_wakesTheReaders() throws Exception {
    CompletableFuture<Void> never = new CompletableFuture<>();
    SourceReader hanging =
        (offset, length) -> {
          never.join();
          throw new IOException("woken");
        };
    BlobIntake intake = BlobIntake.start(spool, DIGEST, BLOB.length, hanging);
    CompletableFuture<Throwable> reader = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            reader.complete(new AssertionError("got " + intake.await(1)));
          } catch (IOException | InterruptedException e) {
            reader.complete(e);
          }
        });
    intake.close();
    assertThat(reader.get()).isInstanceOf(IOException.class).hasMessageContaining("given up");
    never.complete(null);
  }

  @Test
  void start_any_leavesNoFileBehind() throws Exception {
    try (BlobIntake intake = BlobIntake.start(spool, DIGEST, BLOB.length, reader(BLOB))) {
      intake.completion().get();
      try (Stream<Path> files = Files.list(spool)) {
        assertThat(files).isEmpty();
      }
    }
  }

  private static byte[] read(BlobIntake intake) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BLOB.length);
    while (buffer.hasRemaining() && intake.file().read(buffer, buffer.position()) >= 0) {}
    return buffer.array();
  }

  private static SourceReader reader(byte[] bytes) {
    return (offset, length) -> new ByteArrayInputStream(bytes, (int) offset, (int) length);
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
