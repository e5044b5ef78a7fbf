package dev.longshore.lazy.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("node")
class PreContentGroupTest {
  private static final int WAIT_MILLIS = 10_000;

  @TempDir Path folder;
  private Path file;
  private final ExecutorService readers = Executors.newCachedThreadPool();

  @BeforeEach
  void makeSparseFile() throws IOException {
    file = folder.resolve("data");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1 << 20);
    }
  }

  @AfterEach
  void stopReaders() {
    readers.shutdownNow();
  }

  @Test
  void await_somebodyReadsAHole_getsWhatWasFilledIn() throws Exception {
    try (Descriptor early = Descriptor.open(file, Descriptor.READ_WRITE);
        PreContentGroup group = PreContentGroup.open()) {
      group.mark(early);
      Future<byte[]> read = readers.submit(reading(file, 8192, 100));

      List<PreContentGroup.Event> events = group.await(WAIT_MILLIS);
      PreContentGroup.Event event = events.getFirst();

      assertThat(events).hasSize(1);
      assertThat(event.offset()).isEqualTo(8192);
      assertThat(event.count()).isEqualTo(4096);
      assertThat(event.file().identity()).isEqualTo(early.identity());
      fill(early, 8192, 100, (byte) 7);
      group.allow(event);
      assertThat(read.get(WAIT_MILLIS, TimeUnit.MILLISECONDS)).containsOnly(7).hasSize(100);
      group.unmark(early);
    }
  }

  @Test
  void refuse_somebodyWaits_getsAnInputOutputError() throws Exception {
    try (Descriptor early = Descriptor.open(file, Descriptor.READ_WRITE);
        PreContentGroup group = PreContentGroup.open()) {
      group.mark(early);
      Future<byte[]> read = readers.submit(reading(file, 0, 10));

      group.refuse(group.await(WAIT_MILLIS).getFirst());

      assertThatThrownBy(() -> read.get(WAIT_MILLIS, TimeUnit.MILLISECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseInstanceOf(IOException.class)
          .hasRootCauseMessage("Input/output error");
      group.unmark(early);
    }
  }

  @Test
  void read_throughADescriptorFromBeforeTheMark_raisesNoEvent() throws Exception {
    try (Descriptor early = Descriptor.open(file, Descriptor.READ_WRITE);
        PreContentGroup group = PreContentGroup.open();
        Arena arena = Arena.ofConfined()) {
      group.mark(early);

      assertThat(early.read(arena.allocate(4096), 0)).isEqualTo(4096);
      assertThat(group.await(0)).isEmpty();
      group.unmark(early);
    }
  }

  @Test
  void unmark_marked_nobodyWaits() throws Exception {
    try (Descriptor early = Descriptor.open(file, Descriptor.READ_WRITE);
        PreContentGroup group = PreContentGroup.open()) {
      group.mark(early);
      group.unmark(early);

      assertThat(reading(file, 0, 10).call()).containsOnly(0).hasSize(10);
    }
  }

  @Test
  void await_readerKilled_isNoError() throws Exception {
    try (Descriptor early = Descriptor.open(file, Descriptor.READ_WRITE);
        PreContentGroup group = PreContentGroup.open()) {
      group.mark(early);
      Process reader = new ProcessBuilder("head", "-c1", file.toString()).start();
      List<PreContentGroup.Event> events = group.await(WAIT_MILLIS);
      reader.destroyForcibly().waitFor();

      group.allow(events.getFirst());

      assertThat(group.await(0)).isEmpty();
      group.unmark(early);
    }
  }

  @Test
  void open_fileThatIsNot_saysWhich() {
    Path missing = folder.resolve("missing");

    assertThatThrownBy(() -> Descriptor.open(missing, Descriptor.READ_ONLY))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("No such file or directory");
  }

  private static Callable<byte[]> reading(Path file, long offset, int length) {
    return () -> {
      try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
        byte[] content = new byte[length];
        in.seek(offset);
        in.readFully(content);
        return content;
      }
    };
  }

  private static void fill(Descriptor file, long offset, int length, byte value)
      throws KernelException {
    byte[] content = new byte[length];
    Arrays.fill(content, value);
    try (Arena arena = Arena.ofConfined()) {
      file.write(arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_BYTE, content), offset);
    }
  }
}
