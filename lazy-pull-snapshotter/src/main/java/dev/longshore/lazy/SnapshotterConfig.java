package dev.longshore.lazy;

import dev.longshore.lazy.device.DeviceChoice;
import dev.longshore.service.DaemonConfig;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** The settings of a snapshotter. */
public record SnapshotterConfig(
    @Setting(
            value = "Unix socket where containerd finds it, as its proxy plugin's address",
            defaultValue = "/run/longshore/snapshotter.sock")
        Path socket,
    @Setting("folder for snapshots and mounted layers; created when missing") Path root,
    @Setting(
            value = "the mirror of this node's agent, which layers are read through",
            defaultValue = "http://127.0.0.1:7300")
        URI agent,
    @Setting(
            value = "docker config.json with the logins of registries; read anew when needed",
            placeholder = "FILE",
            defaultValue = "/var/lib/kubelet/config.json")
        Path logins,
    @Setting(value = "a smaller layer is fetched whole before it is mounted", defaultValue = "1MiB")
        DataSize lazyAbove,
    @Setting(
            value = "fetch what nobody has read yet too, whenever nobody waits",
            defaultValue = "true")
        boolean backgroundFill,
    @Setting(
            value = "how long a read waits for bytes that cannot be had before it fails",
            defaultValue = "60s")
        Duration readPatience,
    @Setting(
            value =
                "how the kernel is given what is not here yet; auto is the first of fanotify, fuse"
                    + " and plain (fetched before it is mounted) that works here",
            defaultValue = "auto")
        DeviceChoice device,
    @Setting(
            value = "address of /metrics, /healthz, /readyz and /debug",
            defaultValue = "127.0.0.1:7409")
        HostAndPort admin)
    implements DaemonConfig {

  /** What separates overlayfs's options and their parts, or quotes (overlayfs.rst, fstab(5)). */
  private static final String NOT_IN_MOUNT_OPTIONS = ",:\\\"";

  public SnapshotterConfig {
    if (readPatience.isNegative()) {
      throw new IllegalArgumentException(
          "--read-patience must not be negative, found " + readPatience);
    }
    root = root.toAbsolutePath().normalize();
    if (root.toString().chars().anyMatch(c -> NOT_IN_MOUNT_OPTIONS.indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          "--root goes into mount options: expected a path without comma, colon, backslash and"
              + " quote, found "
              + root);
    }
  }
}
