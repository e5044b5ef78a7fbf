package dev.longshore.layer.erofs;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.device.Placement;
import dev.longshore.layer.tree.Inode;
import dev.longshore.layer.tree.LayerTree;
import java.util.Collections;

/** Where each inode of an image lies and the blocks of those that have any. */
final class ImagePlan {

  static final int BLOCK = DeviceLayout.BLOCK;
  static final int INODE = 64;

  /** An inode begins at a multiple of this; its number is its offset over this. */
  static final int SLOT = 32;

  /** Bytes of a chunk's index, and what it is aligned to. */
  static final int CHUNK_INDEX = 8;

  private static final int BLOCK_BITS = 12;
  private static final int MAX_CHUNK_BITS = BLOCK_BITS + 31;
  private static final long MAX_BLOCKS = (1L << 32) - 1;

  private final long[] offsets;
  private final long[] blocks;
  private long firstDataBlock;
  private long end;

  private ImagePlan(int inodes) {
    offsets = new long[inodes];
    blocks = new long[inodes];
  }

  static ImagePlan of(LayerTree tree, DeviceLayout layout) {
    ImagePlan plan = new ImagePlan(tree.inodes().size());
    plan.placeInodes(tree, layout);
    plan.placeBlocks(tree);
    if (plan.end > MAX_BLOCKS * BLOCK) {
      throw new IllegalArgumentException(
          "a layer's metadata takes %d bytes, more than %d blocks".formatted(plan.end, MAX_BLOCKS));
    }
    return plan;
  }

  private void placeInodes(LayerTree tree, DeviceLayout layout) {
    long next = Superblock.END;
    for (Inode inode : tree.inodes()) {
      long length = (long) INODE + Xattrs.size(inode) + tailSize(inode, layout);
      long offset = roundUp(next, SLOT);
      if (offset / BLOCK != (offset + length - 1) / BLOCK) {
        offset = roundUp(offset, BLOCK);
      }
      offsets[inode.number()] = offset;
      next = offset + length;
    }
    firstDataBlock = roundUp(next, BLOCK) / BLOCK;
  }

  private static long tailSize(Inode inode, DeviceLayout layout) {
    return switch (inode.kind()) {
      case FILE -> {
        long index = (long) placement(inode, layout).blocks().size() * CHUNK_INDEX;
        long before = (long) INODE + Xattrs.size(inode);
        yield index == 0 ? 0 : roundUp(before, CHUNK_INDEX) - before + index;
      }
      case DIRECTORY, SYMLINK -> Content.of(inode).tail();
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> 0;
    };
  }

  private void placeBlocks(LayerTree tree) {
    long next = firstDataBlock;
    for (Inode inode : tree.inodes()) {
      if (inode.kind() == Inode.Kind.DIRECTORY || inode.kind() == Inode.Kind.SYMLINK) {
        blocks[inode.number()] = next;
        next += Content.of(inode).blocks();
      }
    }
    end = next * BLOCK;
  }

  /** Where a file's data is; without chunks if it is empty, all holes if it is one hole. */
  static Placement placement(Inode inode, DeviceLayout layout) {
    return layout.placement(inode.entry()).orElseGet(() -> hole(inode.attributes().size()));
  }

  private static Placement hole(long size) {
    if (size == 0) {
      return new Placement(BLOCK_BITS, Collections.emptyList());
    }
    int bits = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    int chunkBits = Math.clamp(bits, BLOCK_BITS, MAX_CHUNK_BITS);
    int chunks = Math.toIntExact(((size - 1) >>> chunkBits) + 1);
    return new Placement(chunkBits, Collections.nCopies(chunks, Placement.HOLE));
  }

  /** Where an inode begins, bytes. */
  long offset(Inode inode) {
    return offsets[inode.number()];
  }

  /** What directories know an inode by. */
  long nid(Inode inode) {
    return offset(inode) / SLOT;
  }

  /** What the superblock knows the root by; it is the first inode and so has a small number. */
  long rootNid() {
    return offsets[0] / SLOT;
  }

  /** First block of what a directory or symlink holds. */
  long firstBlock(Inode inode) {
    return blocks[inode.number()];
  }

  /** First block behind the inodes. */
  long firstDataBlock() {
    return firstDataBlock;
  }

  /** Bytes of the image. */
  long size() {
    return end;
  }

  static long roundUp(long bytes, int unit) {
    return (bytes + unit - 1) / unit * unit;
  }
}
