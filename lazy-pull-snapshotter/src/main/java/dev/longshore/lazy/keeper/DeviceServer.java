package dev.longshore.lazy.keeper;

import java.io.IOException;
import java.nio.file.Path;

/** Where the devices of one kind meet the kernel: it hands on whoever waits to read. */
sealed interface DeviceServer extends AutoCloseable permits PreContentDevices, FuseDevices {

  /** Takes those who wait to read a device. */
  @FunctionalInterface
  interface Readers {
    /** Lets a read go on, refuses it, or has it wait; returns soon. */
    void read(KeptDevice device, KernelRead read);
  }

  /**
   * From now on whoever reads what is missing of a device waits.
   *
   * @param name of the device, which no other has that has not been released
   * @param data the sparse file, which must not be mounted yet
   * @param table which of its spans are filled
   */
  KeptDevice hold(String name, Path data, Path table) throws IOException;

  /**
   * Lets go of a device, as soon as nobody uses it any more; {@link KeptDevice#isLeaving()} is true
   * and nobody waits for it.
   */
  void release(KeptDevice device) throws IOException;

  /** Whether it holds nothing, nothing that is leaving either. */
  boolean isEmpty();

  /** Lets go of everything: nothing that is held may be mounted any more. */
  @Override
  void close() throws IOException;
}
