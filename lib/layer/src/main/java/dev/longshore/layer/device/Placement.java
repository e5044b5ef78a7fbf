package dev.longshore.layer.device;

import java.util.List;

/**
 * Where a file lies on the device: in chunks of {@code 1 << chunkBits} bytes, each of which is a
 * run of the device or a hole.
 *
 * @param chunkBits log2 of a chunk's bytes, 12 to 43
 * @param blocks first device block (4 KiB) of each chunk, {@link #HOLE} for one without data
 */
public record Placement(int chunkBits, List<Long> blocks) {

  /** A chunk that has no data: all zeros, nowhere on the device. */
  public static final long HOLE = -1;

  public Placement {
    blocks = List.copyOf(blocks);
  }
}
