package dev.longshore.lazy.device;

import dev.longshore.layer.device.DeviceMap;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Span;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.oci.Digest;
import java.util.List;

/**
 * The device of one layer: what it is filled from, and where to.
 *
 * @param layer digest of the compressed layer
 * @param compression of the layer
 * @param spans of the layer, as many as the table has
 * @param map from the stream to the device
 * @param table what is filled
 * @param data the sparse file, by a descriptor that raises no events
 */
public record LazyDevice(
    Digest layer,
    Compression compression,
    List<Span> spans,
    DeviceMap map,
    FillTable table,
    Descriptor data) {

  public LazyDevice {
    if (spans.size() != table.spans()) {
      throw new IllegalArgumentException(
          "the table is of %d spans, the layer has %d".formatted(table.spans(), spans.size()));
    }
  }

  /** Where each of these spans begins on a device, and where that ends: a table's starts. */
  public static long[] starts(List<Span> spans, DeviceMap map) {
    long[] starts = new long[spans.size() + 1];
    for (int i = 0; i < spans.size(); i++) {
      starts[i] = map.deviceOffset(spans.get(i).streamOffset());
    }
    starts[spans.size()] = map.size();
    return starts;
  }
}
