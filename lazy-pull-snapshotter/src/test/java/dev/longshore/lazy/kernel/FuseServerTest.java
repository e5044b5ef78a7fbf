package dev.longshore.lazy.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("node")
final class FuseServerTest {
  private static final int SIZE = (3 << 20) + 4096;

  @TempDir Path folder;
  private Path point;
  private byte[] content;
  private Descriptor source;
  private FuseServer server;
  private FakeFuseDirectory directory;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void mount() throws IOException {
    point = Files.createDirectory(folder.resolve("fuse"));
    content = new byte[SIZE];
    new Random(5).nextBytes(content);
    source = Descriptor.open(Files.write(folder.resolve("data"), content), Descriptor.READ_ONLY);
    directory = new FakeFuseDirectory(source);
    directory.add(new FuseDirectory.File(100, "one", SIZE));
    server = FuseServer.start(FuseConnection.mount(point), directory, 2);
  }

  @AfterEach
  void unmount() throws IOException {
    server.close();
    source.close();
    threads.shutdownNow();
  }

  @Test
  void read_wholeFile_hasItsBytes() throws IOException {
    assertThat(Files.readAllBytes(point.resolve("one"))).isEqualTo(content);
    assertThat(Files.size(point.resolve("one"))).isEqualTo(SIZE);
  }

  @Test
  void read_acrossTheEnd_isAsMuchAsThereIs() throws IOException {
    try (RandomAccessFile file = open("one")) {
      file.seek(SIZE - 10);
      byte[] buffer = new byte[100];
      assertThat(file.read(buffer)).isEqualTo(10);
      assertThat(Arrays.copyOf(buffer, 10)).isEqualTo(Arrays.copyOfRange(content, SIZE - 10, SIZE));
      assertThat(file.read(buffer)).isEqualTo(-1);
    }
  }

  @Test
  void read_sourceShorterThanTheFile_isAnErrorAndNeverShort() throws IOException {
    directory.add(new FuseDirectory.File(101, "longer", SIZE + 4096L));
    try (RandomAccessFile file = open("longer")) {
      file.seek(SIZE - 4096);

      assertThatThrownBy(() -> file.read(new byte[8192])).hasMessage("Input/output error");
    }
  }

  @Test
  void read_answeredLater_waitsAndHoldsUpNobodyElse() throws Exception {
    directory.waiting = new LinkedBlockingQueue<>();
    Future<Integer> reader = threads.submit(() -> readAt("one", 4096));
    FuseRead waiting = directory.waiting.poll(10, TimeUnit.SECONDS);
    assertThat(waiting).isNotNull();
    assertThat(waiting.file()).isEqualTo(100);
    assertThat(waiting.offset()).isEqualTo(4096);
    directory.waiting = null;

    assertThat(readAt("one", 0)).isEqualTo(content[0] & 0xff);
    assertThat(reader.isDone()).isFalse();
    waiting.reply(source, SIZE);

    assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo(content[4096] & 0xff);
  }

  @Test
  void read_failed_isAnInputOutputError() throws Exception {
    directory.waiting = new LinkedBlockingQueue<>();
    Future<Integer> reader = threads.submit(() -> readAt("one", 0));

    directory.waiting.take().fail();

    assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
        .hasRootCauseMessage("Input/output error");
  }

  @Test
  void list_manyFiles_hasAllAndTheirSizes() throws IOException {
    for (int i = 0; i < 3000; i++) {
      directory.add(new FuseDirectory.File(1000 + i, "a-device-with-a-long-name-" + i, i));
    }
    try (var files = Files.list(point)) {
      assertThat(files).hasSize(3001);
    }
    assertThat(Files.size(point.resolve("a-device-with-a-long-name-2999"))).isEqualTo(2999);
    assertThat(Files.getFileStore(point).type()).isEqualTo("fuse.longshore");
    assertThat(Files.getFileStore(point).getTotalSpace()).isZero();
  }

  @Test
  void lookup_nameOfAnotherFileNow_findsThatOne() throws IOException {
    try (RandomAccessFile old = open("one")) {
      directory.remove("one");
      assertThatThrownBy(() -> Files.size(point.resolve("one")))
          .isInstanceOf(NoSuchFileException.class);
      directory.add(new FuseDirectory.File(102, "one", 8192));

      assertThat(Files.size(point.resolve("one"))).isEqualTo(8192);
      assertThat(old.length()).isEqualTo(SIZE);
    }
  }

  @Test
  void release_lastOneClosed_isTold() throws IOException {
    try (RandomAccessFile _ = open("one")) {
      assertThat(directory.opened).hasValue(1);
    }
    Awaitility.await().untilAsserted(() -> assertThat(directory.opened).hasValue(0));
  }

  @Test
  void write_anything_isRefused() {
    assertThatThrownBy(() -> Files.write(point.resolve("new"), new byte[1]))
        .isInstanceOf(FileSystemException.class);
    assertThatThrownBy(() -> Files.delete(point.resolve("one")))
        .isInstanceOf(FileSystemException.class);
  }

  /** A signal that does not kill must not cut a read short: EROFS would make an error of it. */
  @Test
  void read_readerGetsASignal_goesOnWaiting() throws Exception {
    directory.waiting = new LinkedBlockingQueue<>();
    Process reader =
        new ProcessBuilder(
                "python3",
                "-c",
                """
                import os, signal, sys
                signal.signal(signal.SIGUSR1, lambda *_: None)
                f = os.open(sys.argv[1], os.O_RDONLY)
                print(len(os.read(f, 4096)))
                """,
                point.resolve("one").toString())
            .start();
    FuseRead waiting = directory.waiting.take();
    new ProcessBuilder("kill", "-USR1", Long.toString(reader.pid())).start().waitFor();

    assertThat(reader.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
    waiting.reply(source, SIZE);

    assertThat(new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo("4096");
  }

  @Test
  void read_readerIsKilled_isAnsweredAndTheOthersGoOn() throws Exception {
    directory.waiting = new LinkedBlockingQueue<>();
    Process reader =
        new ProcessBuilder("head", "-c1", point.resolve("one").toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    FuseRead waiting = directory.waiting.take();
    reader.destroyForcibly();
    directory.waiting = null;

    assertThat(readAt("one", 0)).isEqualTo(content[0] & 0xff);
    waiting.reply(source, SIZE);

    assertThat(reader.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(readAt("one", 1)).isEqualTo(content[1] & 0xff);
  }

  @Test
  void close_somebodyWaits_getsAnErrorAndTheMountIsGone() throws Exception {
    directory.waiting = new LinkedBlockingQueue<>();
    Future<Integer> reader = threads.submit(() -> readAt("one", 0));
    directory.waiting.take();

    server.close();

    assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(IOException.class);
    assertThat(MountTable.mountPoints()).doesNotContain(point);
  }

  private RandomAccessFile open(String name) throws IOException {
    return new RandomAccessFile(point.resolve(name).toFile(), "r");
  }

  private int readAt(String name, long offset) throws IOException {
    try (RandomAccessFile file = open(name)) {
      file.seek(offset);
      return file.read();
    }
  }
}
