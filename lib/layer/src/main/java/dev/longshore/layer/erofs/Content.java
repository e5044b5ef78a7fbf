package dev.longshore.layer.erofs;

import dev.longshore.layer.tree.Inode;

/**
 * How what a directory or symlink holds is laid out: whole blocks, then a tail beside the inode.
 *
 * @param size bytes of it
 * @param blocks how many blocks of its own it has
 * @param tail bytes beside its inode; 0 if there are none
 */
record Content(long size, long blocks, int tail) {

  static Content of(Inode inode) {
    long size =
        switch (inode.kind()) {
          case DIRECTORY -> Dirents.size(inode);
          case SYMLINK -> inode.attributes().target().length();
          case FILE, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
              throw new IllegalArgumentException(inode.kind() + " has no content in an image");
        };
    int rest = (int) (size % ImagePlan.BLOCK);
    boolean inline = ImagePlan.INODE + Xattrs.size(inode) + rest <= ImagePlan.BLOCK;
    int tail = inline ? rest : 0;
    return new Content(size, (size - tail + ImagePlan.BLOCK - 1) / ImagePlan.BLOCK, tail);
  }
}
