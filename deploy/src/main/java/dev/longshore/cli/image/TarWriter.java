package dev.longshore.cli.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Locale;

/**
 * Writes POSIX ustar archives in which only names, modes and contents differ: owner 0, time 0, so
 * that the same input gives the same bytes on every machine.
 *
 * <p>Format: POSIX.1-1988 "ustar"; names of more than 100 bytes are split at a slash into prefix
 * and name.
 */
final class TarWriter implements Closeable {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES = 100;
  private static final int PREFIX_BYTES = 155;
  private static final long LARGEST_FILE = 0777_7777_7777L; // eleven octal digits

  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 16];

  TarWriter(OutputStream out) {
    this.out = out;
  }

  void add(LayerEntry entry) throws IOException {
    switch (entry) {
      case LayerEntry.Directory directory -> header(entry.path() + "/", directory.mode(), 0, '5');
      case LayerEntry.WrittenFile file -> {
        byte[] content = file.content().getBytes(StandardCharsets.UTF_8);
        header(file.path(), file.mode(), content.length, '0');
        out.write(content);
        pad(content.length);
      }
      case LayerEntry.CopiedFile file -> copy(file);
    }
  }

  private void copy(LayerEntry.CopiedFile file) throws IOException {
    long size = Files.size(file.source());
    header(file.path(), file.mode(), size, '0');
    long copied = 0;
    try (InputStream in = Files.newInputStream(file.source())) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        copied += n;
        if (copied > size) {
          break; // told below
        }
        out.write(buffer, 0, n);
      }
    }
    if (copied != size) {
      throw new IOException(
          "%s changed while it was packed: expected %d bytes, found %s%d"
              .formatted(file.source(), size, copied > size ? "at least " : "", copied));
    }
    pad(size);
  }

  private void header(String path, int mode, long size, char type) throws IOException {
    if (size > LARGEST_FILE) {
      throw new IOException(path + " is larger than a ustar archive holds (8 GiB): " + size);
    }
    byte[] header = new byte[BLOCK];
    name(header, path);
    octal(header, 100, 8, mode);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    octal(header, 124, 12, size);
    octal(header, 136, 12, 0);
    header[156] = (byte) type;
    text(header, 257, "ustar\0" + "00");
    text(header, 265, "root");
    text(header, 297, "root");
    text(header, 148, "        "); // the checksum counts itself as blanks
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    text(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    out.write(header);
  }

  private static void name(byte[] header, String path) throws IOException {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= NAME_BYTES) {
      System.arraycopy(bytes, 0, header, 0, bytes.length);
      return;
    }
    // The earliest slash that leaves a name that fits; a directory's own last slash is no split.
    for (int slash = bytes.length - NAME_BYTES - 1; slash < bytes.length - 1; slash++) {
      if (bytes[slash] == '/' && slash <= PREFIX_BYTES) {
        System.arraycopy(bytes, 0, header, 345, slash);
        System.arraycopy(bytes, slash + 1, header, 0, bytes.length - slash - 1);
        return;
      }
    }
    throw new IOException("the path is too long for a ustar archive: " + path);
  }

  private static void octal(byte[] header, int at, int width, long value) {
    text(header, at, String.format(Locale.ROOT, "%0" + (width - 1) + "o", value));
  }

  private static void text(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private void pad(long size) throws IOException {
    out.write(new byte[Math.toIntExact((BLOCK - size % BLOCK) % BLOCK)]);
  }

  /** Ends the archive and closes the stream under it. */
  @Override
  public void close() throws IOException {
    try (out) {
      out.write(new byte[2 * BLOCK]);
    }
  }
}
