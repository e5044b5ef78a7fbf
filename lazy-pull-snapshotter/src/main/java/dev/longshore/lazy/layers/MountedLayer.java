package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.DeviceFiller;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.device.DurableTable;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A layer that is mounted, and, until it is complete, what fills it. */
final class MountedLayer {
  private final Digest layer;
  private final Digest diffId;
  private final LayerFolder folder;
  private final Path mountPoint;
  private DeviceKind kind = DeviceKind.PLAIN; // guarded by this
  private @Nullable DeviceFiller filler; // guarded by this
  private int saved = -1; // spans that were missing when it was saved last; guarded by this

  MountedLayer(Digest layer, Digest diffId, LayerFolder folder, Path mountPoint) {
    this.layer = layer;
    this.diffId = diffId;
    this.folder = folder;
    this.mountPoint = mountPoint;
  }

  Digest layer() {
    return layer;
  }

  Digest diffId() {
    return diffId;
  }

  LayerFolder folder() {
    return folder;
  }

  Path mountPoint() {
    return mountPoint;
  }

  /**
   * Has this fill the layer from now on.
   *
   * @param held the kind of device that the keeper holds
   */
  synchronized void fillWith(DeviceFiller fresh, DeviceKind held) {
    filler = fresh;
    kind = held;
  }

  /** The kind of device that the layer was filled through, or else is mounted with. */
  synchronized DeviceKind kind() {
    return kind;
  }

  /** What fills the layer; empty when it is complete. */
  synchronized Optional<DeviceFiller> filler() {
    return Optional.ofNullable(filler);
  }

  /** Notes what has come since it was last noted, if anything has. */
  synchronized void save() throws IOException {
    DeviceFiller filling = filler;
    if (filling != null && filling.missing() != saved) {
      int missing = filling.missing();
      new DurableTable(folder.durable()).save(filling.device());
      saved = missing;
    }
  }

  /** Lets go of the device, of which nothing is missing or nobody reads any more. */
  synchronized void finish() {
    if (filler != null) {
      filler.close();
      filler = null;
    }
  }
}
