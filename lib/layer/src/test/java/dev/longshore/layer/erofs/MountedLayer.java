package dev.longshore.layer.erofs;

import dev.longshore.layer.Kernel;
import dev.longshore.layer.RawText;
import dev.longshore.layer.device.DeviceExtent;
import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tar.TarParser;
import dev.longshore.layer.tree.LayerTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A layer's tar stream as an EROFS mount: image, filled device and folder, all in one place. */
final class MountedLayer implements AutoCloseable {
  private final Path place;

  private final boolean hasDevice;

  private MountedLayer(Path place, boolean hasDevice) {
    this.place = place;
    this.hasDevice = hasDevice;
  }

  /** Mounts what is in a tar file, with all that it needs below a place of its own. */
  static MountedLayer of(Path tar, Path place) throws Exception {
    return of(entries(tar), tar, place);
  }

  /** Mounts entries of which no file has data. */
  static MountedLayer of(List<TarEntry> entries, Path place) throws Exception {
    Files.createDirectories(place);
    return of(entries, Files.createFile(place.resolve("no-stream")), place);
  }

  /** Mounts entries whose data is at their offsets of a file. */
  static MountedLayer of(List<TarEntry> entries, Path stream, Path place) throws Exception {
    Files.createDirectories(place);
    DeviceLayout layout = DeviceLayout.of(entries);
    ErofsImage image =
        ErofsImage.of(
            LayerTree.of(entries), layout, UUID.nameUUIDFromBytes(RawText.bytes(place.toString())));
    Path meta = place.resolve("meta.erofs");
    try (FileChannel out =
        FileChannel.open(meta, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      image.writeTo(out);
    }
    Path data = place.resolve("data");
    fill(layout, stream, data);
    Path folder = Files.createDirectory(place.resolve("mount"));
    Kernel.mountReadOnly(
        meta.toString(), folder, "erofs", image.hasDevice() ? "device=" + data : "");
    return new MountedLayer(place, image.hasDevice());
  }

  static List<TarEntry> entries(Path tar) throws Exception {
    List<TarEntry> entries = new ArrayList<>();
    TarParser parser = new TarParser(entries::add);
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    try (FileChannel in = FileChannel.open(tar)) {
      while (in.read(chunk) >= 0) {
        parser.feed(chunk.flip());
        chunk.clear();
      }
    }
    parser.finish();
    return entries;
  }

  private static void fill(DeviceLayout layout, Path tar, Path data) throws IOException {
    try (FileChannel in = FileChannel.open(tar);
        RandomAccessFile out = new RandomAccessFile(data.toFile(), "rw")) {
      out.setLength(layout.size());
      for (DeviceExtent extent : layout.extents()) {
        out.getChannel().position(extent.deviceOffset());
        in.transferTo(extent.streamOffset(), extent.length(), out.getChannel());
      }
    }
  }

  /** Where the files are seen. */
  Path folder() {
    return place.resolve("mount");
  }

  /** Where the image {@code meta.erofs} and its device {@code data} are. */
  Path place() {
    return place;
  }

  /** Whether the image names a device. */
  boolean hasDevice() {
    return hasDevice;
  }

  @Override
  public void close() throws IOException {
    Kernel.unmount(folder());
  }
}
