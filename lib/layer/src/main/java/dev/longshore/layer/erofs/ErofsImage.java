package dev.longshore.layer.erofs;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.tree.Inode;
import dev.longshore.layer.tree.LayerTree;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.UUID;

/**
 * The metadata of a layer as an EROFS image, to be mounted with {@code mount(image, folder,
 * "erofs", MS_RDONLY, "device=DATA")}; where {@link #hasDevice()} is false, without that option.
 *
 * <p>The same tree, layout and UUID give the same bytes. Needs a kernel of 5.16 or later, and 6.12
 * for image and device to be plain files.
 */
public final class ErofsImage {

  /*
   * The format: fs/erofs/erofs_fs.h of Linux, and its Documentation/filesystems/erofs.rst.
   *
   *   block 0        1024 bytes of nothing, superblock, one device slot, first inodes
   *   inodes         each with its extended attributes and then, for a file, where its chunks are;
   *                  for a directory or symlink, what it holds behind its last whole block
   *   blocks         whole blocks of directories, and of symlinks that are too long
   *
   * Blocks have 4 KiB. An inode is known by its place: byte offset over 32. Inode, attributes and
   * tail lie in one block wherever they fit in one; the kernel demands that of a tail, and some
   * kernels of what is before it too (fs/erofs/inode.c, erofs_fill_symlink). The table of inodes is
   * in the order of LayerTree.inodes(): all names of a directory next to each other, which is how
   * they are looked at.
   */

  private final LayerTree tree;
  private final DeviceLayout layout;
  private final UUID uuid;
  private final ImagePlan plan;

  private ErofsImage(LayerTree tree, DeviceLayout layout, UUID uuid) {
    this.tree = tree;
    this.layout = layout;
    this.uuid = uuid;
    this.plan = ImagePlan.of(tree, layout);
  }

  /**
   * Plans the image of a tree, which takes about 20 bytes of memory an inode.
   *
   * @param layout of the same entries that the tree is made of
   * @param uuid of the file system; overlayfs wants each layer's to be another
   * @throws IllegalArgumentException if the image would have 2^32 blocks or more
   */
  public static ErofsImage of(LayerTree tree, DeviceLayout layout, UUID uuid) {
    return new ErofsImage(tree, layout, uuid);
  }

  /** Bytes of the image, a multiple of 4096. */
  public long size() {
    return plan.size();
  }

  /** Whether any file has data, which then lies on the one device that the mount has to name. */
  public boolean hasDevice() {
    return layout.size() > 0;
  }

  /** Writes the whole image, {@link #size()} bytes, at the channel's position. */
  public void writeTo(WritableByteChannel channel) throws IOException {
    ImageSink sink = new ImageSink(channel);
    Superblock.write(sink, plan, tree.inodes().size(), layout.size(), uuid);
    InodeWriter inodes = new InodeWriter(sink, plan, layout);
    for (Inode inode : tree.inodes()) {
      inodes.write(inode);
    }
    sink.padTo(plan.firstDataBlock() * ImagePlan.BLOCK);
    for (Inode inode : tree.inodes()) {
      inodes.writeBlocks(inode);
    }
    sink.finish(plan.size());
  }
}
