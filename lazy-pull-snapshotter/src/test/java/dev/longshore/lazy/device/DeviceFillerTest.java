package dev.longshore.lazy.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.device.DeviceMap;
import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.LayerIndexBuilder;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanReader;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFillerTest {
  private static final int FILE = 1 << 18;
  private static final int FILES = 6;
  private static final Duration PATIENCE = Duration.ofMillis(300);

  @TempDir Path folder;
  private final FillThreads threads = new FillThreads();
  private final List<Long> asked = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger completions = new AtomicInteger();
  private byte[] content;
  private byte[] blob;
  private LazyDevice device;

  /** Files that compress by half, one after the other: about a span each. */
  @BeforeEach
  void makeDevice() throws Exception {
    Path tree = Files.createDirectory(folder.resolve("tree"));
    content = new byte[FILES * FILE];
    Random random = new Random(7);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (random.nextInt() & 15);
    }
    for (int i = 0; i < FILES; i++) {
      Files.write(tree.resolve("file" + i), Arrays.copyOfRange(content, i * FILE, (i + 1) * FILE));
    }
    Process tar =
        new ProcessBuilder("tar", "--sort=name", "-cf", "../layer.tar", ".")
            .directory(tree.toFile())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(Files.readAllBytes(folder.resolve("layer.tar")));
    }
    blob = out.toByteArray();
    LayerIndex index;
    try (LayerIndexBuilder builder =
        new LayerIndexBuilder(
            Digest.sha256(blob),
            Compression.GZIP,
            64 << 10,
            LayerIndex.DEFAULT_MEMORY,
            LayerIndexBuilder.FileBytes.NOBODY)) {
      builder.write(ByteBuffer.wrap(blob));
      index = builder.finish();
    }
    DeviceMap map = DeviceMap.of(DeviceLayout.of(index.entries()));
    Path data = folder.resolve("data");
    try (RandomAccessFile sparse = new RandomAccessFile(data.toFile(), "rw")) {
      sparse.setLength(map.size());
    }
    device =
        new LazyDevice(
            index.layer(),
            index.compression(),
            index.spans(),
            map,
            FillTable.create(folder.resolve("filled"), LazyDevice.starts(index.spans(), map)),
            Descriptor.open(data, Descriptor.READ_WRITE));
  }

  @AfterEach
  void close() throws IOException {
    threads.close();
    device.data().close();
  }

  @Test
  void fill_range_hasTheFilesBytesAndNoMoreThanNeeded() throws Exception {
    DeviceFiller filler = filler(this::readBlob);

    filler.fill(2 * FILE + 100, 200).get(10, TimeUnit.SECONDS);

    assertThat(onDevice(2 * FILE + 100, 200)).isEqualTo(slice(2 * FILE + 100, 200));
    assertThat(asked).hasSize(1);
    assertThat(device.table().isFilled(2 * FILE + 100, 200)).isTrue();
    assertThat(device.table().isComplete()).isFalse();
  }

  @Test
  void fill_allOfIt_isComplete() throws Exception {
    DeviceFiller filler = filler(this::readBlob);

    filler.fill(0, Long.MAX_VALUE).get(20, TimeUnit.SECONDS);

    assertThat(onDevice(0, content.length)).isEqualTo(content);
    assertThat(device.table().isComplete()).isTrue();
    assertThat(filler.missing()).isZero();
    assertThat(completions).hasValue(1);
    assertThat(asked).doesNotHaveDuplicates();
  }

  @Test
  void fill_manyWaitForOneSpan_itIsFetchedOnce() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    DeviceFiller filler =
        filler((digest, offset, length, receiver) -> {
          await(go);
          readBlob(digest, offset, length, receiver);
        });
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(filler.fill(i, 10));
    }

    go.countDown();
    CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);

    assertThat(asked).hasSize(1);
  }

  @Test
  void fill_readInOrder_readsAhead() throws Exception {
    DeviceFiller filler = filler(this::readBlob);
    long step = 16 << 10;
    for (long offset = 0; offset < content.length; offset += step) {
      filler.fill(offset, step).get(10, TimeUnit.SECONDS);
    }

    assertThat(onDevice(0, content.length)).isEqualTo(content);
    assertThat(asked).doesNotHaveDuplicates();
  }

  @Test
  void fill_sourceFailsForAWhile_isAskedAgain() throws Exception {
    AtomicInteger failures = new AtomicInteger(2);
    DeviceFiller filler =
        filler((digest, offset, length, receiver) -> {
          if (failures.getAndDecrement() > 0) {
            receiver.accept(ByteBuffer.wrap(blob, (int) offset, (int) length / 2));
            throw new IOException("cut off");
          }
          readBlob(digest, offset, length, receiver);
        });

    filler.fill(FILE, FILE).get(10, TimeUnit.SECONDS);

    assertThat(onDevice(FILE, FILE)).isEqualTo(slice(FILE, FILE));
  }

  @Test
  void fill_sourceStaysAway_failsAndWorksOnceItIsBack() throws Exception {
    AtomicInteger away = new AtomicInteger(1);
    DeviceFiller filler =
        filler((digest, offset, length, receiver) -> {
          if (away.get() == 1) {
            throw new IOException("nobody there");
          }
          readBlob(digest, offset, length, receiver);
        });

    assertThatThrownBy(() -> filler.fill(0, 10).get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(FillFailedException.class)
        .hasMessageContaining("nobody there")
        .hasMessageContaining(device.layer().toString());
    away.set(0);
    filler.fill(0, 10).get(10, TimeUnit.SECONDS);
    assertThat(onDevice(0, 10)).isEqualTo(slice(0, 10));
  }

  @Test
  void fill_wrongBytes_failsAtOnceAndIsNotSaidToBeFilled() {
    DeviceFiller filler =
        filler((_, offset, length, receiver) -> {
          asked.add(offset);
          byte[] wrong = Arrays.copyOfRange(blob, (int) offset, (int) (offset + length));
          wrong[wrong.length / 2] ^= 1;
          receiver.accept(ByteBuffer.wrap(wrong));
        });

    assertThatThrownBy(() -> filler.fill(0, 10).get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(FillFailedException.class);
    assertThat(asked).hasSize(1);
    assertThat(device.table().isFilled(0)).isFalse();
  }

  @Test
  void fillNow_spanAfterSpan_completesTheDeviceAndSkipsWhatIsThere() throws Exception {
    DeviceFiller filler = filler(this::readBlob);
    filler.fill(0, 1).get(10, TimeUnit.SECONDS);

    try (SpanReader reader = new SpanReader()) {
      assertThat(filler.fillNow(0, reader)).isFalse();
      for (int span = 1; span < device.table().spans(); span++) {
        filler.fillNow(span, reader);
      }
    }

    assertThat(device.table().isComplete()).isTrue();
    assertThat(onDevice(0, content.length)).isEqualTo(content);
    assertThat(asked).doesNotHaveDuplicates();
  }

  @Test
  void fill_beyondTheDevice_isDone() throws Exception {
    filler(this::readBlob).fill(device.map().size(), 4096).get(10, TimeUnit.SECONDS);

    assertThat(asked).isEmpty();
  }

  @Test
  void starts_ofTheSpans_ascendAndEndWithTheDevice() {
    long[] starts = LazyDevice.starts(device.spans(), device.map());

    assertThat(starts).isSorted().hasSize(device.spans().size() + 1).startsWith(0);
    assertThat(starts[starts.length - 1]).isEqualTo(device.map().size());
    assertThat(device.spans()).extracting(Span::streamLength).allMatch(length -> length > 0);
  }

  private DeviceFiller filler(RangeSource source) {
    return new DeviceFiller(device, source, threads, PATIENCE, completions::incrementAndGet);
  }

  private void readBlob(Digest digest, long offset, long length, RangeSource.Receiver receiver)
      throws IOException {
    assertThat(digest).isEqualTo(device.layer());
    asked.add(offset);
    for (int at = 0; at < length; at += 1000) {
      receiver.accept(ByteBuffer.wrap(blob, (int) offset + at, (int) Math.min(1000, length - at)));
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private byte[] onDevice(long offset, int length) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(folder.resolve("data").toFile(), "r")) {
      byte[] bytes = new byte[length];
      in.seek(offset);
      in.readFully(bytes);
      return bytes;
    }
  }

  private byte[] slice(int offset, int length) {
    return Arrays.copyOfRange(content, offset, offset + length);
  }
}
