package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.device.FillTable;
import dev.longshore.lazy.kernel.Descriptor;
import java.io.IOException;
import java.nio.file.Path;

/** A device that the keeper holds. Safe for many threads. */
final class KeptDevice implements AutoCloseable {
  private final DeviceKind kind;
  private final String name;
  private final Path path;
  private final Descriptor early;
  private final Descriptor.Identity identity;
  private final FillTable table;
  private volatile boolean leaving;

  private KeptDevice(DeviceKind kind, String name, Path path, Descriptor early, FillTable table)
      throws IOException {
    this.kind = kind;
    this.name = name;
    this.path = path;
    this.early = early;
    this.identity = early.identity();
    this.table = table;
  }

  /**
   * Opens a device's files.
   *
   * @param path of what is to be mounted
   */
  static KeptDevice open(DeviceKind kind, String name, Path path, Path data, Path table)
      throws IOException {
    Descriptor early = Descriptor.open(data, Descriptor.READ_WRITE);
    try {
      return new KeptDevice(kind, name, path, early, FillTable.open(table));
    } catch (IOException e) {
      early.close();
      throw e;
    }
  }

  DeviceKind kind() {
    return kind;
  }

  String name() {
    return name;
  }

  /** What a mount names as its device. */
  Path path() {
    return path;
  }

  /** The sparse file, by a descriptor through which nobody waits. */
  Descriptor early() {
    return early;
  }

  Descriptor.Identity identity() {
    return identity;
  }

  /** Bytes of the device. */
  long size() {
    return table.deviceSize();
  }

  boolean isFilled(long offset, long count) {
    return table.isFilled(offset, count);
  }

  boolean isComplete() {
    return table.isComplete();
  }

  /** Whether nobody fills it any more: a read of what is missing is refused. */
  boolean isLeaving() {
    return leaving;
  }

  /** Nobody fills it any more. */
  void leave() {
    leaving = true;
  }

  @Override
  public void close() throws IOException {
    early.close();
  }
}
