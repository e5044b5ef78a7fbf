package dev.longshore.layer.erofs;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.device.Placement;
import dev.longshore.layer.tree.Attributes;
import dev.longshore.layer.tree.Inode;
import java.io.IOException;

/** Writes inodes of 64 bytes, each with its attributes and its tail. */
final class InodeWriter {

  private static final int EXTENDED = 1;
  private static final int FLAT_PLAIN = 0;
  private static final int FLAT_INLINE = 2;
  private static final int CHUNK_BASED = 4;
  private static final int CHUNK_INDEXES = 0x20;
  private static final int DEVICE = 1;
  private static final int NULL_BLOCK = -1;
  private static final int BLOCK_BITS = 12;

  private final ImageSink sink;
  private final ImagePlan plan;
  private final DeviceLayout layout;

  InodeWriter(ImageSink sink, ImagePlan plan, DeviceLayout layout) {
    this.sink = sink;
    this.plan = plan;
    this.layout = layout;
  }

  /** Writes an inode where the plan has it, which is behind the one before. */
  void write(Inode inode) throws IOException {
    sink.padTo(plan.offset(inode));
    switch (inode.kind()) {
      case FILE -> writeFile(inode);
      case DIRECTORY, SYMLINK -> writeWithContent(inode);
      case CHARACTER_DEVICE, BLOCK_DEVICE ->
          writeHead(inode, FLAT_PLAIN, 0, deviceNumber(inode.attributes()));
      case FIFO -> writeHead(inode, FLAT_PLAIN, 0, 0);
    }
  }

  /** Writes the blocks that an inode has of its own, where the plan has them. */
  void writeBlocks(Inode inode) throws IOException {
    switch (inode.kind()) {
      case DIRECTORY -> Dirents.writeBlocks(inode, Content.of(inode).blocks(), plan, sink);
      case SYMLINK -> {
        if (Content.of(inode).blocks() > 0) {
          sink.putText(inode.attributes().target());
          sink.padTo(ImagePlan.roundUp(sink.position(), ImagePlan.BLOCK));
        }
      }
      case FILE, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {}
    }
  }

  private void writeFile(Inode inode) throws IOException {
    Placement placement = ImagePlan.placement(inode, layout);
    if (placement.blocks().isEmpty()) {
      writeHead(inode, FLAT_PLAIN, 0, 0);
      return;
    }
    int format = (placement.chunkBits() - BLOCK_BITS) | CHUNK_INDEXES;
    writeHead(inode, CHUNK_BASED, inode.attributes().size(), format);
    sink.padTo(ImagePlan.roundUp(sink.position(), ImagePlan.CHUNK_INDEX));
    for (long block : placement.blocks()) {
      boolean hole = block == Placement.HOLE;
      sink.putShort(0);
      sink.putShort(hole ? 0 : DEVICE);
      sink.putInt(hole ? NULL_BLOCK : block);
    }
  }

  private void writeWithContent(Inode inode) throws IOException {
    Content content = Content.of(inode);
    boolean inline = content.tail() > 0;
    long firstBlock = content.blocks() > 0 ? plan.firstBlock(inode) : 0;
    writeHead(inode, inline ? FLAT_INLINE : FLAT_PLAIN, content.size(), firstBlock);
    if (!inline) {
      return;
    }
    if (inode.kind() == Inode.Kind.DIRECTORY) {
      Dirents.writeTail(inode, content.blocks(), plan, sink);
    } else {
      sink.putText(inode.attributes().target());
    }
  }

  /** Writes the inode itself and its attributes; the union's meaning depends on what it is. */
  private void writeHead(Inode inode, int layout, long size, long union) throws IOException {
    Attributes attributes = inode.attributes();
    sink.putShort(EXTENDED | layout << 1);
    sink.putShort(Xattrs.count(inode));
    sink.putShort(type(inode.kind()) | attributes.mode());
    sink.putShort(0);
    sink.putLong(size);
    sink.putInt(union);
    sink.putInt(inode.number() + 1L); // for those who know 32 bits only; never 0
    sink.putInt(attributes.uid());
    sink.putInt(attributes.gid());
    sink.putLong(attributes.seconds());
    sink.putInt(attributes.nanos());
    sink.putInt(inode.links());
    sink.putZeros(16);
    Xattrs.write(inode, sink);
  }

  /** As the kernel's {@code new_encode_dev}: 12 bits of major among 20 of minor. */
  private static long deviceNumber(Attributes attributes) {
    int minor = attributes.minor();
    return (minor & 0xff) | attributes.major() << 8 | (long) (minor & ~0xff) << 12;
  }

  private static int type(Inode.Kind kind) {
    return switch (kind) {
      case FIFO -> 0010000;
      case CHARACTER_DEVICE -> 0020000;
      case DIRECTORY -> 0040000;
      case BLOCK_DEVICE -> 0060000;
      case FILE -> 0100000;
      case SYMLINK -> 0120000;
    };
  }
}
