package dev.longshore.layer.erofs;

import dev.longshore.layer.tree.Inode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a directory holds: blocks of entries by name, each block's entries before its names. */
final class Dirents {

  /*
   * The kernel looks for a name by bisection, first of blocks by their first name and then in one
   * (fs/erofs/namei.c), so all names are in the order of their bytes, "." and ".." among them: "!"
   * comes before. No name is cut by the end of a block; what is left of one is zeros.
   */

  private static final int ENTRY = 12;

  private final Inode directory;
  private final List<String> names;

  private Dirents(Inode directory) {
    this.directory = directory;
    names = new ArrayList<>(directory.children().size() + 2);
    names.addAll(directory.children().keySet());
    for (String own : new String[] {".", ".."}) {
      names.add(-1 - Collections.binarySearch(names, own), own);
    }
  }

  /** Bytes of all blocks; the last one ends with its last name. */
  static long size(Inode directory) {
    long before = 0;
    int used = 0;
    for (String name : new Dirents(directory).names) {
      int room = ENTRY + name.length();
      if (used + room > ImagePlan.BLOCK) {
        before += ImagePlan.BLOCK;
        used = 0;
      }
      used += room;
    }
    return before + used;
  }

  /** Writes whole blocks, the last one with zeros at its end. */
  static void writeBlocks(Inode directory, long blocks, ImagePlan plan, ImageSink sink)
      throws IOException {
    if (blocks == 0) {
      return;
    }
    Dirents dirents = new Dirents(directory);
    int from = 0;
    for (long block = 0; block < blocks; block++) {
      int to = dirents.blockEnd(from);
      dirents.write(from, to, plan, sink);
      sink.padTo(ImagePlan.roundUp(sink.position(), ImagePlan.BLOCK));
      from = to;
    }
  }

  /** Writes what comes behind so many whole blocks. */
  static void writeTail(Inode directory, long blocks, ImagePlan plan, ImageSink sink)
      throws IOException {
    Dirents dirents = new Dirents(directory);
    int from = 0;
    for (long block = 0; block < blocks; block++) {
      from = dirents.blockEnd(from);
    }
    dirents.write(from, dirents.names.size(), plan, sink);
  }

  private int blockEnd(int from) {
    int used = 0;
    int to = from;
    while (to < names.size() && used + ENTRY + names.get(to).length() <= ImagePlan.BLOCK) {
      used += ENTRY + names.get(to).length();
      to++;
    }
    return to;
  }

  private void write(int from, int to, ImagePlan plan, ImageSink sink) throws IOException {
    int nameOffset = (to - from) * ENTRY;
    for (String name : names.subList(from, to)) {
      Inode inode = inode(name);
      sink.putLong(plan.nid(inode));
      sink.putShort(nameOffset);
      sink.putByte(type(inode.kind()));
      sink.putByte(0);
      nameOffset += name.length();
    }
    for (String name : names.subList(from, to)) {
      sink.putText(name);
    }
  }

  private Inode inode(String name) {
    return switch (name) {
      case "." -> directory;
      case ".." -> directory.parent();
      default -> {
        @Nullable Inode child = directory.children().get(name);
        if (child == null) {
          throw new IllegalStateException("a directory changed while its image was written");
        }
        yield child;
      }
    };
  }

  /** Types as in the kernel's {@code include/linux/fs_types.h}. */
  private static int type(Inode.Kind kind) {
    return switch (kind) {
      case FILE -> 1;
      case DIRECTORY -> 2;
      case CHARACTER_DEVICE -> 3;
      case BLOCK_DEVICE -> 4;
      case FIFO -> 5;
      case SYMLINK -> 7;
    };
  }
}
