package dev.longshore.lazy.layers;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.erofs.ErofsImage;
import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.MalformedIndexException;
import dev.longshore.layer.tree.LayerTree;
import dev.longshore.layer.tree.RefusedLayerException;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.Erofs;
import dev.longshore.lazy.snapshot.Usage;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one layer: its index, the EROFS metadata made of it, its device and what of that is
 * filled, and where the rest comes from.
 *
 * @param path of the folder
 */
record LayerFolder(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(LayerFolder.class);

  /** The encoded index. */
  Path index() {
    return path.resolve("index");
  }

  /** What is mounted. */
  Path metadata() {
    return path.resolve("meta.erofs");
  }

  /** The device. */
  Path data() {
    return path.resolve("data");
  }

  /** Which spans are filled ({@link dev.longshore.lazy.device.FillTable}). */
  Path filled() {
    return path.resolve("filled");
  }

  /** Which of them are on the disk ({@link dev.longshore.lazy.device.DurableTable}). */
  Path durable() {
    return path.resolve("durable");
  }

  /** What kind of device the layer was mounted with last ({@link DeviceKind}). */
  Path mountedWith() {
    return path.resolve("mounted-with");
  }

  /** The image that the layer was pulled with first, {@code registry/repository}. */
  Path source() {
    return path.resolve("source");
  }

  /** Reads the index. */
  LayerIndex readIndex() throws IOException {
    try (FileChannel channel = FileChannel.open(index(), StandardOpenOption.READ)) {
      ByteBuffer content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return LayerIndex.decode(content, IndexMemory.most());
    } catch (MalformedIndexException e) {
      throw new IOException("the index of a layer is damaged: " + index(), e);
    }
  }

  /**
   * Writes an index and all that follows from it, and makes the device as large as it has to be.
   *
   * @param encoded the same index as it is kept
   */
  void write(LayerIndex index, byte[] encoded, String image)
      throws IOException, RefusedLayerException {
    Files.write(index(), encoded);
    Files.writeString(source(), image);
    DeviceLayout layout = DeviceLayout.of(index.entries());
    ErofsImage erofs =
        ErofsImage.of(LayerTree.of(index.entries()), layout, identity(index.layer()));
    try (FileChannel out =
        FileChannel.open(metadata(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      erofs.writeTo(out);
    }
    try (FileChannel device =
        FileChannel.open(data(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (device.size() < layout.size()) {
        device.write(ByteBuffer.allocate(1), layout.size() - 1);
      }
    }
  }

  /** The file system's name: the beginning of the layer's digest. */
  private static UUID identity(Digest layer) {
    ByteBuffer hash = ByteBuffer.wrap(Arrays.copyOf(layer.hash(), 2 * Long.BYTES));
    return new UUID(hash.getLong(), hash.getLong());
  }

  /** The image that the layer was pulled with first. */
  String readSource() throws IOException {
    return Files.readString(source(), StandardCharsets.UTF_8).strip();
  }

  /**
   * Mounts the layer.
   *
   * @param kind of its device
   * @param device where that is; empty when no file of the layer has data
   * @param point a folder, made when missing
   */
  void mount(DeviceKind kind, Optional<Path> device, Path point) throws IOException {
    Files.createDirectories(point);
    Files.writeString(mountedWith(), kind.name());
    boolean direct = Erofs.mount(metadata(), point, device);
    LOG.debug("Mounted {} {}", point, direct ? "from files" : "through loop devices");
  }

  /**
   * What kind of device the layer was mounted with last. The kernel does not tell: EROFS leaves its
   * device out of {@code /proc/self/mountinfo} (fs/erofs/super.c, erofs_show_options).
   */
  DeviceKind readMountedWith() throws IOException {
    try {
      return DeviceKind.valueOf(Files.readString(mountedWith()));
    } catch (NoSuchFileException _) {
      return DeviceKind.PLAIN; // never yet
    } catch (IllegalArgumentException e) {
      throw new IOException(mountedWith() + " names no kind of device", e);
    }
  }

  /** What the files take on disk. */
  Usage usage() {
    long bytes = 0;
    long inodes = 1;
    try (var files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        try (Descriptor open = Descriptor.open(file, Descriptor.READ_ONLY)) {
          bytes += open.allocatedBytes();
          inodes++;
        }
      }
    } catch (IOException e) {
      return Usage.NONE; // deleted meanwhile
    }
    return new Usage(bytes, inodes);
  }

  /** Forces every file and the folder to the disk. */
  void sync() throws IOException {
    try (var files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        force(file);
      }
    }
    force(path);
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
