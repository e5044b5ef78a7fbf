package dev.longshore.cli.node;

import dev.longshore.cli.process.ExternalCommand;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A small ext4 in a file, mounted through a loop device: a disk that really becomes full. */
final class SmallDisk implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Path mount;

  private SmallDisk(Path mount) {
    this.mount = mount;
  }

  /** Mounts a new one, {@code name} in the folder. */
  static SmallDisk mount(Path folder, String name, long bytes)
      throws IOException, InterruptedException {
    Path image = folder.resolve(name + ".img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
    Path mount = Files.createDirectory(folder.resolve(name));
    run("mkfs.ext4", "-q", "-m", "0", image.toString());
    run("mount", "-o", "loop", image.toString(), mount.toString());
    return new SmallDisk(mount);
  }

  Path path() {
    return mount;
  }

  long free() throws IOException {
    return Files.getFileStore(mount).getUsableSpace();
  }

  /** Takes all the room that is left, as some other program would. */
  void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      if (free() >= block.length) {
        throw full;
      }
    }
  }

  /** Gives the room back. */
  void clear() throws IOException {
    Files.delete(filler());
  }

  private Path filler() {
    return mount.resolve("filler");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    ExternalCommand.run(List.of(command), LIMIT).orThrow();
  }

  @Override
  public void close() throws IOException {
    try {
      run("umount", mount.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("umount " + mount + " was interrupted");
    }
  }
}
