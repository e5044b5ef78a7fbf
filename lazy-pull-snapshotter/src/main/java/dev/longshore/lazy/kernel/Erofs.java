package dev.longshore.lazy.kernel;

import java.nio.file.Path;
import java.util.Optional;

/** Mounting EROFS from files: directly, or, before Linux 6.12, through loop devices. */
public final class Erofs {
  private Erofs() {}

  /**
   * Mounts an image.
   *
   * @param metadata the image
   * @param device the file with the data, if the image has a device
   * @return whether it went without loop devices
   */
  public static boolean mount(Path metadata, Path point, Optional<Path> device)
      throws KernelException {
    try {
      mountImage(metadata, point, device);
      return true;
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOTBLK) {
        throw e;
      }
      mountThroughLoop(metadata, point, device);
      return false;
    }
  }

  /** As {@link #mount}, whatever the kernel could do without. */
  static void mountThroughLoop(Path metadata, Path point, Optional<Path> device)
      throws KernelException {
    try (LoopDevice image = LoopDevice.of(metadata)) {
      if (device.isEmpty()) {
        mountImage(image.path(), point, device);
        return;
      }
      try (LoopDevice data = LoopDevice.of(device.get())) {
        mountImage(image.path(), point, Optional.of(data.path()));
      }
    }
  }

  private static void mountImage(Path image, Path point, Optional<Path> device)
      throws KernelException {
    String options = device.map(data -> "device=" + data).orElse("");
    Mounts.mount(image.toString(), point, "erofs", Mounts.READ_ONLY, options);
  }
}
