package dev.longshore.layer.device;

import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives each file of a tar stream its place on the device, in the order of the stream.
 *
 * <p>The place of a file depends on the entries before it alone, so that a node which streams a
 * layer can write its files before it has seen the rest.
 */
public final class DeviceLayout {

  /*
   * Every file with data begins on a block, so that each kernel since 5.16 can mount it. A file
   * without holes is one chunk, however large: one index of 8 bytes. A sparse file has chunks of
   * equal size, at most MOST_CHUNKS of them, and those without data take no room; a chunk that has
   * any takes all of its room, which costs nothing on a sparse device.
   */

  /** Bytes of a block of the device, and of EROFS. */
  public static final int BLOCK = 4096;

  /** What 32 bits of block numbers reach: 16 TiB. */
  public static final long MAX_BYTES = BLOCK * ((1L << 32) - 2);

  private static final int BLOCK_BITS = 12;

  /** EROFS has five bits for what is above the bits of a block ({@code erofs_fs.h}). */
  private static final int MAX_CHUNK_BITS = BLOCK_BITS + 31;

  private static final int MOST_CHUNKS = 4096;

  /** Chunks of all sparse files: each takes memory, though a few bytes of an index make many. */
  private static final int MOST_SPARSE_CHUNKS = 1 << 22;

  private final Map<Integer, Placement> placements = new HashMap<>();
  private final List<DeviceExtent> extents = new ArrayList<>();
  private int entries;
  private int sparseChunks;
  private long end;

  /** The layout of all these entries. */
  public static DeviceLayout of(List<TarEntry> entries) {
    DeviceLayout layout = new DeviceLayout();
    entries.forEach(layout::place);
    return layout;
  }

  /**
   * Places the next entry of the stream.
   *
   * @return the extents of its data, by ascending offset
   * @throws IllegalArgumentException if the device would become larger than {@link #MAX_BYTES}, the
   *     layer's sparse files have too many chunks, or the entry's data is not in order or reaches
   *     beyond its size
   */
  public List<DeviceExtent> place(TarEntry entry) {
    int number = entries++;
    if (entry.type() != EntryType.FILE || entry.data().isEmpty()) {
      return List.of();
    }
    checkOrder(entry);
    int chunkBits = chunkBits(entry);
    long[] blocks = new long[chunks(entry, chunkBits)];
    Arrays.fill(blocks, Placement.HOLE);
    int first = extents.size();
    for (Segment segment : entry.data()) {
      place(segment, chunkBits, blocks, entry.size());
    }
    placements.put(number, new Placement(chunkBits, Arrays.stream(blocks).boxed().toList()));
    return List.copyOf(extents.subList(first, extents.size()));
  }

  private void place(Segment segment, int chunkBits, long[] blocks, long fileSize) {
    long from = segment.fileOffset();
    long to = from + segment.length();
    while (from < to) {
      int chunk = Math.toIntExact(from >>> chunkBits);
      long chunkStart = (long) chunk << chunkBits;
      long chunkEnd = Math.min(chunkStart + (1L << chunkBits), fileSize);
      if (blocks[chunk] == Placement.HOLE) {
        blocks[chunk] = end / BLOCK;
        end = roundUp(end + (chunkEnd - chunkStart));
        if (end > MAX_BYTES) {
          throw new IllegalArgumentException(
              "a layer's files take more than " + MAX_BYTES + " bytes");
        }
      }
      long length = Math.min(to, chunkEnd) - from;
      add(
          blocks[chunk] * BLOCK + (from - chunkStart),
          segment.streamOffset() + (from - segment.fileOffset()),
          length);
      from += length;
    }
  }

  private int chunks(TarEntry entry, int chunkBits) {
    int chunks = Math.toIntExact(((entry.size() - 1) >>> chunkBits) + 1);
    if (chunks > 1) {
      if (chunks > MOST_SPARSE_CHUNKS - sparseChunks) {
        throw new IllegalArgumentException(
            "a layer's sparse files have more than " + MOST_SPARSE_CHUNKS + " chunks");
      }
      sparseChunks += chunks;
    }
    return chunks;
  }

  private void add(long deviceOffset, long streamOffset, long length) {
    extents.add(new DeviceExtent(deviceOffset, streamOffset, length));
  }

  private static int chunkBits(TarEntry entry) {
    long largest = entry.size();
    boolean whole = entry.data().size() == 1 && entry.data().getFirst().length() == entry.size();
    if (!whole) {
      largest = (entry.size() + MOST_CHUNKS - 1) / MOST_CHUNKS;
    }
    int bits = Math.max(BLOCK_BITS, Long.SIZE - Long.numberOfLeadingZeros(largest - 1));
    if (largest == 1) {
      bits = BLOCK_BITS;
    }
    if (bits > MAX_CHUNK_BITS) {
      throw new IllegalArgumentException("a file of " + entry.size() + " bytes is too large");
    }
    return bits;
  }

  private static void checkOrder(TarEntry entry) {
    long file = 0;
    long stream = 0;
    for (Segment segment : entry.data()) {
      if (segment.fileOffset() < file || segment.streamOffset() < stream) {
        throw new IllegalArgumentException("data of a file is out of order");
      }
      file = segment.fileOffset() + segment.length();
      stream = segment.streamOffset() + segment.length();
    }
    if (file > entry.size()) {
      throw new IllegalArgumentException(
          "data of a file reaches to " + file + " of " + entry.size() + " bytes");
    }
  }

  private static long roundUp(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** Where the file of an entry lies; empty for what has no data. */
  public Optional<Placement> placement(int entry) {
    return Optional.ofNullable(placements.get(entry));
  }

  /** Every extent, by ascending device offset, which is the order of the stream too. */
  public List<DeviceExtent> extents() {
    return List.copyOf(extents);
  }

  /** Bytes of the device, a multiple of {@link #BLOCK}. */
  public long size() {
    return end;
  }
}
