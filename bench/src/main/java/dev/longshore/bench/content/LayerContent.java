package dev.longshore.bench.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;

/** What a layer is made of: files of this machine's distribution, as a tar and as a gzipped one. */
public final class LayerContent {
  private static final int BLOCK = 512;
  private static final int LARGEST_FILE = 8 << 20;
  private static final List<Path> ROOTS =
      List.of(Path.of("/usr/bin"), Path.of("/usr/lib"), Path.of("/usr/share"));
  private static final Path NOT_OF_THE_DISTRIBUTION = Path.of("/usr/lib/jvm");

  private LayerContent() {}

  /**
   * A tar of so many bytes, of files drawn from all over {@code /usr}: the same ones on the same
   * machine, since they are ordered by the checksums of their names.
   */
  public static ByteBuffer tar(int size) throws IOException {
    ByteBuffer tar = ByteBuffer.allocateDirect(size);
    for (Path file : files()) {
      if (!tar.hasRemaining()) {
        break;
      }
      append(tar, file, Files.readAllBytes(file));
    }
    return tar.flip();
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path root : ROOTS) {
      try (Stream<Path> below = Files.walk(root)) {
        below.filter(LayerContent::isSmallFile).forEach(files::add);
      }
    }
    files.sort(Comparator.comparingLong(LayerContent::order));
    return files;
  }

  private static boolean isSmallFile(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        && Files.isReadable(path)
        && !path.startsWith(NOT_OF_THE_DISTRIBUTION)
        && path.toFile().length() <= LARGEST_FILE;
  }

  private static long order(Path path) {
    CRC32 crc = new CRC32();
    crc.update(path.toString().getBytes(US_ASCII));
    return crc.getValue();
  }

  /** A header and the content, each filled up to a whole block; cut off where the tar is full. */
  private static void append(ByteBuffer tar, Path file, byte[] content) {
    byte[] header = new byte[BLOCK];
    byte[] name = file.toString().getBytes(US_ASCII);
    System.arraycopy(name, 0, header, 0, Math.min(name.length, 100));
    byte[] fields =
        String.format(Locale.ROOT, "0000644\0%07o\0%07o\0%011o\0", 0, 0, content.length)
            .getBytes(US_ASCII);
    System.arraycopy(fields, 0, header, 100, fields.length);
    put(tar, header);
    put(tar, content);
    put(tar, new byte[Math.floorMod(-content.length, BLOCK)]);
  }

  private static void put(ByteBuffer tar, byte[] bytes) {
    tar.put(bytes, 0, Math.min(bytes.length, tar.remaining()));
  }

  /** The same as registries nearly always have it. */
  public static ByteBuffer gzipped(ByteBuffer tar) throws IOException {
    byte[] bytes = new byte[tar.remaining()];
    tar.duplicate().get(bytes);
    ByteArrayOutputStream into = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(into)) {
      gzip.write(bytes);
    }
    byte[] gzipped = into.toByteArray();
    return ByteBuffer.allocateDirect(gzipped.length).put(gzipped).flip();
  }
}
