package dev.longshore.lazy.layers;

/**
 * How much memory the entries of one layer may take: a quarter of the heap, for the tree and the
 * device that are made of them take as much again.
 *
 * <p>A layer with more, some 130,000 files with the heap that the launcher gives, is unpacked by
 * containerd; the alternative is a snapshotter that runs out of memory each time it is started.
 */
final class IndexMemory {
  private IndexMemory() {}

  /** Bytes. */
  static long most() {
    return Runtime.getRuntime().maxMemory() / 4;
  }
}
