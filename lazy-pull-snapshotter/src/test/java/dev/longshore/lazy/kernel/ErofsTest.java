package dev.longshore.lazy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.erofs.ErofsImage;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tree.LayerTree;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("node")
final class ErofsTest {
  private static final int SIZE = 3 * DeviceLayout.BLOCK;

  @TempDir Path folder;
  private Path image;
  private Path data;
  private Path point;

  @BeforeEach
  void makeImage() throws Exception {
    image = folder.resolve("meta.erofs");
    data = Files.write(folder.resolve("data"), content());
    point = Files.createDirectory(folder.resolve("mounted"));
    TarEntry file =
        new TarEntry(
            "file",
            EntryType.FILE,
            0644,
            0,
            0,
            0,
            0,
            SIZE,
            "",
            0,
            0,
            new TreeMap<>(),
            List.of(new Segment(0, 512, SIZE)));
    try (FileChannel out =
        FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ErofsImage.of(LayerTree.of(List.of(file)), DeviceLayout.of(List.of(file)), new UUID(1, 2))
          .writeTo(out);
    }
  }

  @AfterEach
  void unmount() throws Exception {
    if (MountTable.mountPoints().contains(point)) {
      Mounts.detach(point);
    }
  }

  @Test
  void mount_files_readsTheDevice() throws Exception {
    Erofs.mount(image, point, Optional.of(data));

    assertThat(Files.readAllBytes(point.resolve("file"))).isEqualTo(content());
  }

  @Test
  void mountThroughLoop_files_readsTheDeviceAndLeavesNoLoop() throws Exception {
    Erofs.mountThroughLoop(image, point, Optional.of(data));

    assertThat(Files.readAllBytes(point.resolve("file"))).isEqualTo(content());
    assertThat(loopsOf(folder)).isEqualTo(2);
    Mounts.unmount(point);
    assertThat(loopsOf(folder)).isZero();
  }

  /** As a kernel between 5.16 and 6.12 would have it. */
  @Test
  void mountThroughLoop_deviceOnFuse_readsIt() throws Exception {
    Path fuse = Files.createDirectory(folder.resolve("fuse"));
    try (Descriptor source = Descriptor.open(data, Descriptor.READ_ONLY)) {
      FakeFuseDirectory directory = new FakeFuseDirectory(source);
      directory.add(new FuseDirectory.File(7, "device", SIZE));
      try (FuseServer _ = FuseServer.start(FuseConnection.mount(fuse), directory, 1)) {
        Erofs.mountThroughLoop(image, point, Optional.of(fuse.resolve("device")));

        assertThat(Files.readAllBytes(point.resolve("file"))).isEqualTo(content());
        Mounts.unmount(point);
        Awaitility.await().untilAsserted(() -> assertThat(directory.opened).hasValue(0));
      }
    }
  }

  private static byte[] content() {
    byte[] content = new byte[SIZE];
    Arrays.fill(content, (byte) 'e');
    return content;
  }

  /** How many loop devices have a file of this folder in them. */
  private static long loopsOf(Path folder) throws Exception {
    long count = 0;
    try (var devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path device : devices) {
        Path backing = device.resolve("loop/backing_file");
        if (Files.exists(backing) && Files.readString(backing).startsWith(folder.toString())) {
          count++;
        }
      }
    }
    return count;
  }
}
