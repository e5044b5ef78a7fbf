package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.FillTable;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.PreContentGroup;
import java.io.IOException;
import java.nio.file.Path;

/** A device that the keeper holds: marked, with the one descriptor that raises no events. */
final class KeptDevice implements AutoCloseable {
  private final String name;
  private final Descriptor early;
  private final Descriptor.Identity identity;
  private final FillTable table;

  private KeptDevice(String name, Descriptor early, Descriptor.Identity identity, FillTable table) {
    this.name = name;
    this.early = early;
    this.identity = identity;
    this.table = table;
  }

  /** Opens a device's files, then marks it: in this order, or filling it would wait for itself. */
  static KeptDevice hold(PreContentGroup group, String name, Path data, Path table)
      throws IOException {
    Descriptor early = Descriptor.open(data, Descriptor.READ_WRITE);
    try {
      KeptDevice device = new KeptDevice(name, early, early.identity(), FillTable.open(table));
      group.mark(early);
      return device;
    } catch (IOException e) {
      early.close();
      throw e;
    }
  }

  String name() {
    return name;
  }

  Descriptor early() {
    return early;
  }

  Descriptor.Identity identity() {
    return identity;
  }

  boolean isFilled(long offset, long count) {
    return table.isFilled(offset, count);
  }

  /** Takes the mark away: readers do not wait any more. */
  void unmark(PreContentGroup group) throws IOException {
    group.unmark(early);
  }

  @Override
  public void close() throws IOException {
    early.close();
  }
}
