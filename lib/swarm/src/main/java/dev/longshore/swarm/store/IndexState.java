package dev.longshore.swarm.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The line beside the index that tells other processes whose it is: {@code run <hex> boot <id> crc
 * <hex>}.
 *
 * @param run a random number of the process that opened the store last
 * @param boot the boot of the kernel under which it did: as long as that lasts, what the process
 *     wrote is in the page cache, though the process may be gone
 */
record IndexState(int run, String boot) {
  /** The line is always as long, so that it needs no room on a disk that is full meanwhile. */
  static final int BYTES = 128;

  private static final Logger log = LoggerFactory.getLogger(IndexState.class);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  static IndexState ofThisBoot(int run) {
    return new IndexState(run, currentBoot());
  }

  /** Whether the kernel has been running ever since. */
  boolean isOfThisBoot() {
    return boot.equals(currentBoot());
  }

  private static String currentBoot() {
    try {
      return Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      log.debug("This kernel does not say which boot it is of", e);
      return UUID.randomUUID().toString(); // equal to no other: nobody believes in this boot
    }
  }

  void write(Path file) throws IOException {
    String text = "run " + HexFormat.of().toHexDigits(run) + " boot " + boot;
    String line = text + " crc " + crc(text);
    ByteBuffer bytes =
        ByteBuffer.wrap(
            String.format(Locale.ROOT, "%-" + (BYTES - 1) + "s\n", line).getBytes(US_ASCII));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** Empty when the line was caught half-written, or is of another version. */
  static Optional<IndexState> parse(byte[] bytes) {
    List<String> words = List.of(new String(bytes, US_ASCII).strip().split(" ", -1));
    if (words.size() != 6
        || !words.get(5).equals(crc(String.join(" ", words.subList(0, 4))))
        || !words.get(0).equals("run")
        || !words.get(2).equals("boot")) {
      return Optional.empty();
    }
    return Optional.of(new IndexState(HexFormat.fromHexDigits(words.get(1)), words.get(3)));
  }

  private static String crc(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(US_ASCII));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
