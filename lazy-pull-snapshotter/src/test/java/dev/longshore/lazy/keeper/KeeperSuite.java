package dev.longshore.lazy.keeper;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.device.FillTable;
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
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a keeper does, whatever its devices are. */
abstract class KeeperSuite {
  static final int SPAN = 64 << 10;
  private static final String DEVICE = "d";

  @TempDir Path folder;
  private Path socket;
  private Path data;
  private Path path;
  private Path table;
  private Keeper keeper;
  private FillTable filled;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final BlockingQueue<KeeperLink.WaitingRead> reads = new LinkedBlockingQueue<>();

  /** The kind of the devices. */
  abstract DeviceKind kind();

  @BeforeEach
  void start() throws IOException {
    socket = folder.resolve("keeper.sock");
    data = folder.resolve("data");
    path = data;
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
        HeldDevice device = hold(link)) {
      Future<Byte> read = reading(SPAN);

      KeeperLink.WaitingRead waiting = next();
      assertThat(waiting.device()).isEqualTo(DEVICE);
      assertThat(waiting.offset()).isEqualTo(SPAN);
      fill(device, 1, 5);
      link.allow(waiting);

      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 5);
    }
  }

  @Test
  void read_filledRange_nobodyIsAsked() throws Exception {
    try (KeeperLink link = connected();
        HeldDevice device = hold(link)) {
      fill(device, 2, 6);

      assertThat(reading(2 * SPAN).get(10, TimeUnit.SECONDS)).isEqualTo((byte) 6);
      assertThat(reads).isEmpty();
    }
  }

  @Test
  void snapshotterDies_whileSomebodyWaits_theNextOneAnswers() throws Exception {
    Future<Byte> read;
    try (KeeperLink first = connected()) {
      hold(first).close();
      read = reading(0);
      next();
    }

    try (KeeperLink second = connected();
        HeldDevice device = requireNonNull(second.held().get(DEVICE))) {
      KeeperLink.WaitingRead waiting = next();
      fill(device, 0, 9);
      second.allow(waiting);

      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 9);
    }
  }

  @Test
  void read_noSnapshotter_waitsForOne() throws Exception {
    try (KeeperLink first = connected()) {
      hold(first).close();
    }
    Future<Byte> read = reading(0);

    try (KeeperLink second = connected();
        HeldDevice device = requireNonNull(second.held().get(DEVICE))) {
      KeeperLink.WaitingRead waiting = next();
      fill(device, 0, 1);
      second.allow(waiting);

      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 1);
    }
  }

  @Test
  void refuse_somebodyWaits_getsAnError() throws Exception {
    try (KeeperLink link = connected()) {
      hold(link).close();
      Future<Byte> read = reading(0);

      link.refuse(next());

      assertFails(read);
    }
  }

  @Test
  void release_incompleteDevice_whoHasItOpenGetsErrors() throws Exception {
    try (KeeperLink link = connected()) {
      hold(link).close();
      try (RandomAccessFile open = open()) {
        Future<Byte> read = reading(0);
        next();

        link.release(DEVICE);

        assertFails(read);
        assertFails(reading(open, SPAN));
      }
    }
  }

  @Test
  void release_completeDevice_isReadAsItIs() throws Exception {
    try (KeeperLink link = connected();
        HeldDevice device = hold(link);
        RandomAccessFile open = open()) {
      for (int span = 0; span < 4; span++) {
        fill(device, span, span + 1);
      }
      link.release(DEVICE);

      assertThat(reading(open, 3 * SPAN).get(10, TimeUnit.SECONDS)).isEqualTo((byte) 4);
      assertThat(reads).isEmpty();
    }
    try (KeeperLink next = connected()) {
      assertThat(next.held()).isEmpty();
    }
  }

  @Test
  void exit_releasedDeviceThatIsOpen_staysUntilItIsClosed() throws Exception {
    try (KeeperLink link = connected()) {
      hold(link).close();
      Future<?> ended =
          threads.submit(() -> {
            keeper.await();
            return null;
          });
      try (RandomAccessFile _ = open()) {
        link.release(DEVICE);
        link.exit();

        assertThatThrownBy(() -> ended.get(100, TimeUnit.MILLISECONDS))
            .isInstanceOf(TimeoutException.class);
      }
      assertThat(ended.get(10, TimeUnit.SECONDS)).isNull();
    }
  }

  @Test
  void hold_heldAlready_givesTheSameDescriptorAgain() throws Exception {
    try (KeeperLink link = connected();
        HeldDevice one = hold(link);
        HeldDevice other = hold(link)) {
      assertThat(one.data().identity()).isEqualTo(other.data().identity());
      assertThat(one.path()).isEqualTo(other.path());
    }
  }

  @Test
  void hold_filesThatAreNotThere_saysWhy() throws Exception {
    try (KeeperLink link = connected()) {
      assertThatThrownBy(() -> link.hold(DEVICE, kind(), folder.resolve("none"), table))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("none: No such file");
      assertThatThrownBy(() -> link.hold(DEVICE, kind(), data, data))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not a table");
    }
  }

  @Test
  void hold_manyReaders_eachGetsItsBytes() throws Exception {
    try (KeeperLink link = connected();
        HeldDevice device = hold(link)) {
      Future<Byte> one = reading(0);
      Future<Byte> other = reading(3 * SPAN);
      KeeperLink.WaitingRead first = next();
      KeeperLink.WaitingRead second = next();
      fill(device, 0, 1);
      fill(device, 3, 4);

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

  private HeldDevice hold(KeeperLink link) throws IOException {
    HeldDevice device = link.hold(DEVICE, kind(), data, table);
    assertThat(device.kind()).isEqualTo(kind());
    path = device.path();
    return device;
  }

  private RandomAccessFile open() throws IOException {
    return new RandomAccessFile(path.toFile(), "r");
  }

  private Future<Byte> reading(long offset) {
    return threads.submit(() -> {
      try (RandomAccessFile in = open()) {
        in.seek(offset);
        return in.readByte();
      }
    });
  }

  private Future<Byte> reading(RandomAccessFile open, long offset) {
    return threads.submit(() -> {
      open.seek(offset);
      return open.readByte();
    });
  }

  private void fill(HeldDevice device, int span, int value) throws IOException {
    byte[] content = new byte[SPAN];
    Arrays.fill(content, (byte) value);
    try (Arena arena = Arena.ofConfined()) {
      device.data().write(arena.allocateFrom(ValueLayout.JAVA_BYTE, content), (long) span * SPAN);
    }
    filled.fill(span);
  }

  private static void assertFails(Future<Byte> read) {
    assertThatThrownBy(() -> read.get(10, TimeUnit.SECONDS))
        .hasRootCauseMessage("Input/output error");
  }
}
