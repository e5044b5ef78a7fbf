package dev.longshore.lazy.keeper;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.FillTable;
import dev.longshore.lazy.kernel.Descriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("node")
class KeeperTest {
  private static final int SPAN = 64 << 10;

  @TempDir Path folder;
  private Path socket;
  private Path data;
  private Path table;
  private Keeper keeper;
  private FillTable filled;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BlockingQueue<KeeperLink.WaitingRead> reads = new LinkedBlockingQueue<>();

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("keeper.sock");
    data = folder.resolve("data");
    table = folder.resolve("filled");
    try (RandomAccessFile sparse = new RandomAccessFile(data.toFile(), "rw")) {
      sparse.setLength(4 * SPAN);
    }
    filled = FillTable.create(table, new long[] {0, SPAN, 2 * SPAN, 3 * SPAN, 4 * SPAN});
    keeper = Keeper.open(socket);
  }

  @AfterEach
  void stop() throws IOException {
    keeper.close();
    threads.shutdownNow();
  }

  @Test
  void read_missingRange_waitsForTheSnapshotter() throws Exception {
    try (KeeperLink link = connected();
        Descriptor early = link.hold("d", data, table)) {
      Future<Byte> read = reading(SPAN);

      KeeperLink.WaitingRead waiting = next();
      assertThat(waiting.device()).isEqualTo("d");
      assertThat(waiting.offset()).isEqualTo(SPAN);
      fill(early, 1, 5);
      link.allow(waiting);

      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 5);
    }
  }

  @Test
  void read_filledRange_nobodyIsAsked() throws Exception {
    try (KeeperLink link = connected();
        Descriptor early = link.hold("d", data, table)) {
      fill(early, 2, 6);

      assertThat(reading(2 * SPAN).get(10, TimeUnit.SECONDS)).isEqualTo((byte) 6);
      assertThat(reads).isEmpty();
    }
  }

  @Test
  void snapshotterDies_whileSomebodyWaits_theNextOneAnswers() throws Exception {
    Future<Byte> read;
    try (KeeperLink first = connected()) {
      first.hold("d", data, table).close();
      read = reading(0);
      next();
    }

    try (KeeperLink second = connected();
        Descriptor early = requireNonNull(second.held().get("d"))) {
      KeeperLink.WaitingRead waiting = next();
      fill(early, 0, 9);
      second.allow(waiting);

      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 9);
    }
  }

  @Test
  void read_noSnapshotter_waitsForOne() throws Exception {
    try (KeeperLink first = connected()) {
      first.hold("d", data, table).close();
    }
    Future<Byte> read = reading(0);

    try (KeeperLink second = connected();
        Descriptor early = requireNonNull(second.held().get("d"))) {
      KeeperLink.WaitingRead waiting = next();
      fill(early, 0, 1);
      second.allow(waiting);

      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 1);
    }
  }

  @Test
  void refuse_somebodyWaits_getsAnError() throws Exception {
    try (KeeperLink link = connected()) {
      link.hold("d", data, table).close();
      Future<Byte> read = reading(0);

      link.refuse(next());

      assertFails(read);
    }
  }

  @Test
  void release_incompleteDevice_whoWaitsGetsAnError() throws Exception {
    try (KeeperLink link = connected()) {
      link.hold("d", data, table).close();
      Future<Byte> read = reading(0);
      next();

      link.release("d");

      assertFails(read);
      assertFails(reading(SPAN));
    }
  }

  @Test
  void release_completeDevice_isReadAsItIs() throws Exception {
    try (KeeperLink link = connected();
        Descriptor early = link.hold("d", data, table)) {
      for (int span = 0; span < 4; span++) {
        fill(early, span, span + 1);
      }
      link.release("d");

      assertThat(reading(3 * SPAN).get(10, TimeUnit.SECONDS)).isEqualTo((byte) 4);
      assertThat(reads).isEmpty();
    }
    try (KeeperLink next = connected()) {
      assertThat(next.held()).isEmpty();
    }
  }

  @Test
  void hold_heldAlready_givesTheSameDescriptorAgain() throws Exception {
    try (KeeperLink link = connected();
        Descriptor one = link.hold("d", data, table);
        Descriptor other = link.hold("d", data, table)) {
      assertThat(one.identity()).isEqualTo(other.identity());
    }
  }

  @Test
  void hold_filesThatAreNotThere_saysWhy() throws Exception {
    try (KeeperLink link = connected()) {
      assertThatThrownBy(() -> link.hold("d", folder.resolve("none"), table))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("none: No such file");
      assertThatThrownBy(() -> link.hold("d", data, data))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not a table");
    }
  }

  @Test
  void hold_manyReaders_eachGetsItsBytes() throws Exception {
    try (KeeperLink link = connected();
        Descriptor early = link.hold("d", data, table)) {
      Future<Byte> one = reading(0);
      Future<Byte> other = reading(3 * SPAN);
      KeeperLink.WaitingRead first = next();
      KeeperLink.WaitingRead second = next();
      fill(early, 0, 1);
      fill(early, 3, 4);

      link.allow(second);
      link.allow(first);

      assertThat(one.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 1);
      assertThat(other.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 4);
    }
  }

  private KeeperLink connected() throws IOException {
    KeeperLink link = KeeperLink.connect(socket);
    link.start(reads::add);
    return link;
  }

  private KeeperLink.WaitingRead next() throws InterruptedException {
    KeeperLink.WaitingRead read = reads.poll(10, TimeUnit.SECONDS);
    assertThat(read).as("a read that waits").isNotNull();
    return read;
  }

  private Future<Byte> reading(long offset) {
    return threads.submit(() -> {
      try (RandomAccessFile in = new RandomAccessFile(data.toFile(), "r")) {
        in.seek(offset);
        return in.readByte();
      }
    });
  }

  private void fill(Descriptor early, int span, int value) throws IOException {
    byte[] content = new byte[SPAN];
    Arrays.fill(content, (byte) value);
    try (Arena arena = Arena.ofConfined()) {
      early.write(arena.allocateFrom(ValueLayout.JAVA_BYTE, content), (long) span * SPAN);
    }
    filled.fill(span);
  }

  private static void assertFails(Future<Byte> read) {
    assertThatThrownBy(() -> read.get(10, TimeUnit.SECONDS))
        .hasRootCauseMessage("Input/output error");
  }
}
