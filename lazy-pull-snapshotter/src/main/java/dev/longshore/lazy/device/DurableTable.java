package dev.longshore.lazy.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Which spans of a device were on the disk at some moment, for the case that the machine stops.
 *
 * <p>As long as the machine runs, the page cache has all that was written, whatever process died,
 * and the {@link FillTable} is right. After it has stopped, the table may say more than the disk
 * has; then only what was noted here counts.
 */
public final class DurableTable {

  /*
   * The file: the boot it was written in (36 characters, proc(5)), then a byte a span as in a
   * FillTable. Data first, then this file, each forced; a new file takes the place of the old one.
   */

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int BOOT_ID_BYTES = 36;

  private final Path file;
  private final byte[] boot;

  /** The table that is kept in this file. */
  public DurableTable(Path file) throws IOException {
    this(file, Files.readString(BOOT_ID).strip());
  }

  DurableTable(Path file, String boot) {
    this.file = file;
    this.boot = boot.getBytes(StandardCharsets.US_ASCII);
    if (this.boot.length != BOOT_ID_BYTES) {
      throw new IllegalArgumentException("not the name of a boot: " + boot);
    }
  }

  /** Forces a device to the disk and notes what of it is filled. */
  public void save(LazyDevice device) throws IOException {
    save(device.table(), device.data()::sync);
  }

  /** Notes what is filled of a device whose data is on the disk, or will be with the folder. */
  public void save(FillTable table) throws IOException {
    save(table, () -> {});
  }

  /** Forces data to the disk. */
  @FunctionalInterface
  interface Force {
    void run() throws IOException;
  }

  void save(FillTable table, Force data) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(BOOT_ID_BYTES + table.spans());
    content.put(boot);
    for (int i = 0; i < table.spans(); i++) {
      content.put((byte) (table.isFilled(i) ? 1 : 0));
    }
    data.run();
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      content.flip();
      while (content.hasRemaining()) {
        out.write(content);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Takes back what a table says beyond this one, if the machine has stopped since.
   *
   * @return how many spans were taken back
   */
  public int correct(FillTable table) throws IOException {
    byte[] saved = read();
    boolean sameBoot =
        saved.length >= BOOT_ID_BYTES && Arrays.equals(boot, Arrays.copyOf(saved, BOOT_ID_BYTES));
    if (sameBoot) {
      return 0;
    }
    boolean fits = saved.length == BOOT_ID_BYTES + table.spans();
    int taken = 0;
    for (int i = 0; i < table.spans(); i++) {
      boolean durable = fits && saved[BOOT_ID_BYTES + i] == 1;
      if (table.isFilled(i) && !durable) {
        table.empty(i);
        taken++;
      }
    }
    return taken;
  }

  private byte[] read() throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }
}
