package dev.longshore.layer.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.RawText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Reads an image as the kernel does, and fails wherever a kernel might. */
final class ImageReader {
  private static final int BLOCK = 4096;
  private static final List<String> PREFIXES =
      List.of(
          "",
          "user.",
          "system.posix_acl_access",
          "system.posix_acl_default",
          "trusted.",
          "lustre.",
          "security.");

  private final ByteBuffer image;

  ImageReader(byte[] image) {
    this.image = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    checkSuperblock();
  }

  /** What an inode says of itself. */
  record Node(
      long nid,
      int mode,
      int links,
      long uid,
      long gid,
      long seconds,
      int nanos,
      long size,
      int device,
      String target,
      SortedMap<String, String> xattrs,
      int chunkBits,
      List<Long> chunks,
      SortedMap<String, Long> names) {

    boolean is(int type) {
      return (mode & 0170000) == type;
    }
  }

  private void checkSuperblock() {
    assertThat(image.getInt(1024)).isEqualTo(0xE0F5E1E2);
    assertThat(image.get(1024 + 12)).isEqualTo((byte) 12);
    byte[] first = new byte[BLOCK - 1024];
    image.get(1024, first);
    int checksum = image.getInt(1024 + 4);
    ByteBuffer.wrap(first).putInt(4, 0);
    CRC32C crc = new CRC32C();
    crc.update(first);
    assertThat(checksum).isEqualTo(~(int) crc.getValue());
    assertThat(image.getInt(1024 + 36)).isEqualTo(image.capacity() / BLOCK);
    assertThat(image.capacity() % BLOCK).isZero();
  }

  int incompatible() {
    return image.getInt(1024 + 80);
  }

  int devices() {
    return image.getShort(1024 + 86);
  }

  /** Blocks of the first device, by its slot in the table. */
  int deviceBlocks() {
    return image.getInt(image.getShort(1024 + 88) * 128 + 64);
  }

  long inodes() {
    return image.getLong(1024 + 16);
  }

  long rootNid() {
    return Short.toUnsignedLong(image.getShort(1024 + 14));
  }

  Node node(long nid) {
    int at = Math.toIntExact(nid * 32);
    assertThat(at % BLOCK).as("an inode lies in one block").isLessThanOrEqualTo(BLOCK - 64);
    int format = image.getShort(at);
    assertThat(format & ~0xf).isZero();
    assertThat(format & 1).as("version").isEqualTo(1);
    int layout = format >> 1;
    int mode = Short.toUnsignedInt(image.getShort(at + 4));
    long size = image.getLong(at + 8);
    int union = image.getInt(at + 16);
    int xattrSize = xattrSize(at);
    int behind = at + 64 + xattrSize;
    String content =
        switch (mode & 0170000) {
          case 0040000, 0120000 -> content(layout, size, union, behind);
          default -> "";
        };
    int chunkBits = layout == 4 ? 12 + (union & 0x1f) : 0;
    return new Node(
        nid,
        mode,
        image.getInt(at + 44),
        Integer.toUnsignedLong(image.getInt(at + 24)),
        Integer.toUnsignedLong(image.getInt(at + 28)),
        image.getLong(at + 32),
        image.getInt(at + 40),
        size,
        union,
        (mode & 0170000) == 0120000 ? content : "",
        xattrs(at + 64, xattrSize),
        chunkBits,
        layout == 4 ? chunks(union, size, behind) : List.of(),
        (mode & 0170000) == 0040000 ? names(content) : new TreeMap<>());
  }

  private int xattrSize(int at) {
    int count = Short.toUnsignedInt(image.getShort(at + 2));
    return count == 0 ? 0 : 12 + 4 * (count - 1);
  }

  private SortedMap<String, String> xattrs(int at, int size) {
    SortedMap<String, String> xattrs = new TreeMap<>();
    int position = at + 12;
    while (position < at + size) {
      int nameLength = Byte.toUnsignedInt(image.get(position));
      String prefix = PREFIXES.get(image.get(position + 1));
      int valueLength = Short.toUnsignedInt(image.getShort(position + 2));
      String name = prefix + text(position + 4, nameLength);
      xattrs.put(name, text(position + 4 + nameLength, valueLength));
      position += (4 + nameLength + valueLength + 3) / 4 * 4;
    }
    assertThat(size == 0 || position == at + size).isTrue();
    return xattrs;
  }

  private List<Long> chunks(int format, long size, int behind) {
    assertThat(format & ~0x1f).as("chunks have indexes").isEqualTo(0x20);
    int at = (behind + 7) / 8 * 8;
    List<Long> chunks = new ArrayList<>();
    int bits = 12 + (format & 0x1f);
    for (long from = 0; from < size; from += 1L << bits) {
      int block = image.getInt(at + 4);
      assertThat(image.getShort(at)).isZero();
      assertThat(image.getShort(at + 2)).isEqualTo((short) (block == -1 ? 0 : 1));
      chunks.add(block == -1 ? -1 : Integer.toUnsignedLong(block));
      at += 8;
    }
    return chunks;
  }

  private String content(int layout, long size, int firstBlock, int behind) {
    assertThat(layout).as("layout").isIn(0, 2);
    int tail = layout == 2 ? (int) (size % BLOCK) : 0;
    assertThat(layout == 2 && tail == 0).as("an inline tail is not empty").isFalse();
    assertThat(behind % BLOCK + tail).as("a tail lies in one block").isLessThanOrEqualTo(BLOCK);
    int whole = Math.toIntExact(size - tail);
    return text(firstBlock * BLOCK, whole) + text(behind, tail);
  }

  private SortedMap<String, Long> names(String content) {
    SortedMap<String, Long> names = new TreeMap<>();
    String last = "";
    for (int from = 0; from < content.length(); from += BLOCK) {
      String text = content.substring(from, Math.min(content.length(), from + BLOCK));
      ByteBuffer block = ByteBuffer.wrap(RawText.bytes(text)).order(ByteOrder.LITTLE_ENDIAN);
      int count = block.getShort(8) / 12;
      for (int i = 0; i < count; i++) {
        int start = block.getShort(i * 12 + 8);
        int end = i + 1 < count ? block.getShort(i * 12 + 20) : end(text, start);
        String name = text.substring(start, end);
        assertThat(name).isGreaterThan(last);
        last = name;
        long nid = block.getLong(i * 12);
        assertThat((int) block.get(i * 12 + 10)).as("type").isEqualTo(type(nid));
        names.put(name, nid);
      }
    }
    return names;
  }

  private static int end(String block, int start) {
    int zero = block.indexOf('\0', start);
    return zero < 0 ? block.length() : zero;
  }

  private int type(long nid) {
    int mode = image.getShort(Math.toIntExact(nid * 32) + 4) & 0170000;
    return switch (mode) {
      case 0100000 -> 1;
      case 0040000 -> 2;
      case 0020000 -> 3;
      case 0060000 -> 4;
      case 0010000 -> 5;
      default -> 7;
    };
  }

  private String text(int at, int length) {
    byte[] bytes = new byte[length];
    image.get(at, bytes);
    return RawText.of(bytes);
  }
}
