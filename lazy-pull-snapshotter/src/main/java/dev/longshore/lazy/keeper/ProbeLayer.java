package dev.longshore.lazy.keeper;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.erofs.ErofsImage;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tree.LayerTree;
import dev.longshore.layer.tree.RefusedLayerException;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.device.FillTable;
import dev.longshore.lazy.kernel.Erofs;
import dev.longshore.lazy.kernel.MountTable;
import dev.longshore.lazy.kernel.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A layer of one file of one block, to find out whether a kind of device works. */
final class ProbeLayer implements AutoCloseable {
  private static final int BLOCK = DeviceLayout.BLOCK;
  private static final byte CONTENT = 'L';
  private static final String FILE = "file";
  private static final long READ_SECONDS = 10;

  private final Path folder;
  private final Path metadata;
  private final Path data;
  private final Path table;
  private final Path point;

  private ProbeLayer(Path folder) {
    this.folder = folder;
    this.metadata = folder.resolve("meta.erofs");
    this.data = folder.resolve("data");
    this.table = folder.resolve("filled");
    this.point = folder.resolve("mounted");
  }

  /** Makes the layer in this folder, from which whatever an earlier one left is taken away. */
  static ProbeLayer make(Path folder) throws IOException {
    ProbeLayer layer = new ProbeLayer(folder.toAbsolutePath());
    layer.close();
    Files.createDirectories(layer.point);
    layer.writeImage();
    try (FileChannel sparse =
        FileChannel.open(layer.data, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      sparse.write(ByteBuffer.allocate(1), BLOCK - 1);
    }
    return layer;
  }

  private void writeImage() throws IOException {
    List<TarEntry> entries =
        List.of(
            new TarEntry(
                FILE,
                EntryType.FILE,
                0644,
                0,
                0,
                0,
                0,
                BLOCK,
                "",
                0,
                0,
                Collections.unmodifiableSortedMap(new TreeMap<>()),
                List.of(new Segment(0, BLOCK, BLOCK))));
    try (FileChannel out =
        FileChannel.open(metadata, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ErofsImage.of(LayerTree.of(entries), DeviceLayout.of(entries), new UUID(0, 0)).writeTo(out);
    } catch (RefusedLayerException e) {
      throw new AssertionError("one file makes a tree", e);
    }
  }

  /**
   * Mounts and reads it as in earnest; fails when the bytes are not those that were filled in.
   *
   * @return whether it was mounted without loop devices
   */
  boolean tryOut(DeviceKind kind) throws IOException {
    if (kind == DeviceKind.PLAIN) {
      byte[] content = new byte[BLOCK];
      Arrays.fill(content, CONTENT);
      Files.write(data, content);
      return mountAndRead(data);
    }
    FillTable filled = FillTable.create(table, new long[] {0, BLOCK});
    Path socket = folder.resolve("keeper.sock");
    try (Keeper _ = Keeper.open(socket);
        KeeperLink link = KeeperLink.connect(socket)) {
      CompletableFuture<HeldDevice> held = new CompletableFuture<>();
      link.start(read -> fill(held.join(), filled, link, read));
      try (HeldDevice device = link.hold(FILE, kind, data, table)) {
        held.complete(device);
        boolean direct = mountAndRead(device.path());
        link.release(FILE);
        return direct;
      }
    }
  }

  private static void fill(
      HeldDevice device, FillTable filled, KeeperLink link, KeeperLink.WaitingRead read) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(ValueLayout.JAVA_BYTE, BLOCK).fill(CONTENT);
      device.data().write(content, 0);
      filled.fill(0);
      link.allow(read);
    } catch (IOException _) {
      // whoever reads says that nothing came
    }
  }

  private boolean mountAndRead(Path device) throws IOException {
    boolean direct = Erofs.mount(metadata, point, Optional.of(device));
    try {
      byte[] content =
          CompletableFuture.supplyAsync(this::read).get(READ_SECONDS, TimeUnit.SECONDS);
      for (byte found : content) {
        if (found != CONTENT) {
          throw new IOException("a file that was filled while it was read had other bytes");
        }
      }
      return direct;
    } catch (ExecutionException e) {
      throw new IOException("a file that was to be filled while it was read was not", e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("a read took more than " + READ_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a device was tried out", e);
    } finally {
      Mounts.detach(point);
    }
  }

  private byte[] read() {
    try {
      return Files.readAllBytes(point.resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unmounts whatever is in the folder, and deletes it. */
  @Override
  public void close() throws IOException {
    for (Path mounted : MountTable.mountPoints()) {
      if (mounted.startsWith(folder)) {
        Mounts.detach(mounted);
      }
    }
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
