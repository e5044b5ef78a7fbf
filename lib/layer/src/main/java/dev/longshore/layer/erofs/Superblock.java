package dev.longshore.layer.erofs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/** The superblock of an image and the slot of its one device. */
final class Superblock {

  private static final int OFFSET = 1024;
  private static final int SIZE = 128;
  private static final int DEVICE_SLOT = 128;
  private static final int DEVICE_TAG = 64;

  /** Where the first inode may begin. */
  static final int END = OFFSET + SIZE + DEVICE_SLOT;

  private static final int MAGIC = 0xE0F5E1E2;
  private static final int CHECKSUM = OFFSET + 4;
  private static final int COMPAT_CHECKSUM = 0x1;
  private static final int INCOMPAT_CHUNKED_FILE = 0x4;
  private static final int INCOMPAT_DEVICE_TABLE = 0x8;
  private static final int BLOCK_BITS = 12;
  private static final int VOLUME_NAME = 16;

  private Superblock() {}

  static void write(ImageSink sink, ImagePlan plan, int inodes, long deviceBytes, UUID uuid)
      throws IOException {
    boolean device = deviceBytes > 0;
    sink.putZeros(OFFSET);
    sink.putInt(MAGIC);
    sink.putInt(0); // the checksum, known when all of the block is
    sink.putInt(COMPAT_CHECKSUM);
    sink.putByte(BLOCK_BITS);
    sink.putByte(0); // no more slots of the superblock
    sink.putShort(Math.toIntExact(plan.rootNid()));
    sink.putLong(inodes);
    sink.putLong(0); // time of small inodes, of which there are none
    sink.putInt(0);
    sink.putInt(plan.size() / ImagePlan.BLOCK);
    sink.putInt(0); // inodes are counted from block 0
    sink.putInt(0); // no attributes are shared
    sink.putBigEndian(uuid.getMostSignificantBits());
    sink.putBigEndian(uuid.getLeastSignificantBits());
    sink.putZeros(VOLUME_NAME);
    sink.putInt(INCOMPAT_CHUNKED_FILE | (device ? INCOMPAT_DEVICE_TABLE : 0));
    sink.putShort(0); // no compression
    sink.putShort(device ? 1 : 0);
    sink.putShort(device ? (OFFSET + SIZE) / DEVICE_SLOT : 0);
    sink.padTo(OFFSET + SIZE);
    if (device) {
      sink.putZeros(DEVICE_TAG);
      sink.putInt(deviceBytes / ImagePlan.BLOCK);
    }
  }

  /** Puts the checksum of the first block into it. */
  static void seal(ByteBuffer image) {
    CRC32C crc = new CRC32C();
    crc.update(image.slice(OFFSET, ImagePlan.BLOCK - OFFSET));
    image.putInt(CHECKSUM, ~(int) crc.getValue()); // the kernel does not invert it at the end
  }
}
