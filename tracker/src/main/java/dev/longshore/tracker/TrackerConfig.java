package dev.longshore.tracker;

import dev.longshore.service.DaemonConfig;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of a tracker.
 *
 * @param listen where members connect
 * @param admin the admin endpoint
 * @param clusterKey public key file; with it the tracker refuses maps that members would refuse
 * @param mapMemory memory for piece maps
 * @param leaseValidity how long a lease on the source holds without progress
 * @param leaseSettle no leases for this long after a start
 */
public record TrackerConfig(
    @Setting(value = "where members connect", defaultValue = "127.0.0.1:7100") HostAndPort listen,
    @Setting(value = "where metrics, health and state are served", defaultValue = "127.0.0.1:7109")
        HostAndPort admin,
    @Setting(
            value = "public cluster key; piece maps signed by no key in it are refused",
            placeholder = "FILE")
        Optional<Path> clusterKey,
    @Setting(value = "memory for piece maps", defaultValue = "256MiB") DataSize mapMemory,
    @Setting(value = "how long a lease on the source holds without progress", defaultValue = "10s")
        Duration leaseValidity,
    @Setting(
            value = "how long members may tell what they are reading before a new tracker leases",
            defaultValue = "1s")
        Duration leaseSettle)
    implements DaemonConfig {

  /** The defaults, on free ports of the loopback address. */
  public static TrackerConfig onFreePorts() {
    return new TrackerConfig(
        new HostAndPort("127.0.0.1", 0),
        new HostAndPort("127.0.0.1", 0),
        Optional.empty(),
        DataSize.parse("256MiB"),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1));
  }

  /** The same, listening for members elsewhere. */
  public TrackerConfig withListen(HostAndPort address) {
    return new TrackerConfig(address, admin, clusterKey, mapMemory, leaseValidity, leaseSettle);
  }

  /** The same, refusing maps that no key in this file signed. */
  public TrackerConfig withClusterKey(Path file) {
    return new TrackerConfig(
        listen, admin, Optional.of(file), mapMemory, leaseValidity, leaseSettle);
  }

  /** The same with other times for leases. */
  public TrackerConfig withLeases(Duration validity, Duration settle) {
    return new TrackerConfig(listen, admin, clusterKey, mapMemory, validity, settle);
  }

  TrackerPolicy policy() {
    return TrackerPolicy.defaults()
        .withLeases(leaseValidity, leaseSettle)
        .withMapBytes(mapMemory.bytes());
  }
}
