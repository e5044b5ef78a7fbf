package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.KernelException;
import java.nio.file.Path;

/**
 * A device that the keeper holds, as the snapshotter has it.
 *
 * @param kind how readers are made to wait
 * @param path what a mount names as its device
 * @param data the sparse file, by a descriptor through which nobody waits
 */
public record HeldDevice(DeviceKind kind, Path path, Descriptor data) implements AutoCloseable {

  /** Closes the descriptor; the keeper goes on holding the device. */
  @Override
  public void close() throws KernelException {
    data.close();
  }
}
