package dev.longshore.layer.device;

import java.util.List;

/**
 * Where each byte of the tar stream goes on the device, in a form to keep: 24 bytes a file.
 *
 * <p>Both sides ascend together, so that a range of the stream belongs to one range of the device.
 */
public final class DeviceMap {
  private final long[] device;
  private final long[] stream;
  private final long[] length;
  private final long size;

  private DeviceMap(long[] device, long[] stream, long[] length, long size) {
    this.device = device;
    this.stream = stream;
    this.length = length;
    this.size = size;
  }

  /** Takes bytes of a stream that have a place on the device. */
  @FunctionalInterface
  public interface Run<E extends Exception> {
    /**
     * Some bytes that follow each other in both.
     *
     * @param streamOffset of the first one
     * @param deviceOffset of the first one
     * @param length bytes, at least 1
     */
    void accept(long streamOffset, long deviceOffset, long length) throws E;
  }

  /** The map of a layout. */
  public static DeviceMap of(DeviceLayout layout) {
    List<DeviceExtent> extents = layout.extents();
    return new DeviceMap(
        extents.stream().mapToLong(DeviceExtent::deviceOffset).toArray(),
        extents.stream().mapToLong(DeviceExtent::streamOffset).toArray(),
        extents.stream().mapToLong(DeviceExtent::length).toArray(),
        layout.size());
  }

  /** Bytes of the device. */
  public long size() {
    return size;
  }

  /**
   * Where on the device the first file byte at or after this place of the stream lies; the size of
   * the device when there is none.
   */
  public long deviceOffset(long streamOffset) {
    int extent = firstReaching(streamOffset);
    if (extent == stream.length) {
      return size;
    }
    return device[extent] + Math.max(0, streamOffset - stream[extent]);
  }

  /** Hands over every run of device bytes within a range of the stream, in order. */
  public <E extends Exception> void runs(long streamOffset, long count, Run<E> run) throws E {
    long end = streamOffset + count;
    for (int i = firstReaching(streamOffset); i < stream.length && stream[i] < end; i++) {
      long from = Math.max(stream[i], streamOffset);
      long to = Math.min(stream[i] + length[i], end);
      run.accept(from, device[i] + (from - stream[i]), to - from);
    }
  }

  /** The first extent that ends after this place of the stream. */
  private int firstReaching(long streamOffset) {
    int low = 0;
    int high = stream.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (stream[middle] + length[middle] <= streamOffset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
