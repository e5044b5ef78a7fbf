package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceChoice;
import dev.longshore.lazy.device.DeviceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which kinds of devices this machine can do, found out by doing: a small layer is mounted, read,
 * and filled while somebody waits, by a keeper in this process.
 *
 * <p>What a kernel's version or configuration says is not enough: a container may lack the right to
 * mount, a file system fanotify's events, a build an option.
 */
public final class DeviceProbe {
  private final Map<DeviceKind, String> failures;
  private final boolean needsLoops;

  DeviceProbe(Map<DeviceKind, String> failures, boolean needsLoops) {
    this.failures = Map.copyOf(failures);
    this.needsLoops = needsLoops;
  }

  /**
   * Tries every kind.
   *
   * @param folder for files and mounts, on the file system that layers will be on; made, and
   *     deleted afterwards with whatever an earlier probe left in it
   */
  public static DeviceProbe run(Path folder) throws IOException {
    Map<DeviceKind, String> failures = new EnumMap<>(DeviceKind.class);
    boolean needsLoops = false;
    for (DeviceKind kind : DeviceKind.values()) {
      try (ProbeLayer layer = ProbeLayer.make(folder)) {
        needsLoops |= !layer.tryOut(kind);
      } catch (IOException e) {
        failures.put(kind, String.valueOf(e.getMessage()));
      }
    }
    return new DeviceProbe(failures, needsLoops);
  }

  /** Why this machine cannot do a kind; empty when it can. */
  public Optional<String> failure(DeviceKind kind) {
    return Optional.ofNullable(failures.get(kind));
  }

  /** Whether EROFS was mounted through loop devices, as before Linux 6.12. */
  public boolean needsLoops() {
    return needsLoops;
  }

  /**
   * The kind to use.
   *
   * @return empty when this machine cannot mount layers at all
   * @throws IOException if it cannot do the one that was asked for by name
   */
  public Optional<DeviceKind> choose(DeviceChoice choice) throws IOException {
    return switch (choice) {
      case AUTO ->
          Arrays.stream(DeviceKind.values()).filter(kind -> failure(kind).isEmpty()).findFirst();
      case FANOTIFY -> Optional.of(required(DeviceKind.FANOTIFY));
      case FUSE -> Optional.of(required(DeviceKind.FUSE));
      case PLAIN -> Optional.of(required(DeviceKind.PLAIN));
    };
  }

  private DeviceKind required(DeviceKind kind) throws IOException {
    Optional<String> failure = failure(kind);
    if (failure.isPresent()) {
      throw new IOException(
          "--device %s does not work on this machine (%s); use --device auto"
              .formatted(kind.name().toLowerCase(Locale.ROOT), failure.get()));
    }
    return kind;
  }
}
