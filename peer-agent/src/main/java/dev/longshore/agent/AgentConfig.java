package dev.longshore.agent;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.member.MemberConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of an agent. */
public record AgentConfig(
    @Setting(value = "where containerd finds the mirror", defaultValue = "127.0.0.1:7300")
        HostAndPort mirror,
    @Setting(value = "where other agents and seeders connect", defaultValue = "127.0.0.1:7301")
        HostAndPort peer,
    @Setting("host that others reach --peer at, when it is not the one they would see")
        Optional<String> advertise,
    @Setting("the trackers, every member of a cluster the same ones") List<HostAndPort> tracker,
    @Setting(
            value =
                "a registry as image references name it and where it is reached; others are"
                    + " reached at their own address",
            placeholder = "NAME=URL")
        Map<String, URI> upstream,
    @Setting("folder for blobs, manifests and state") Path data,
    @Setting(
            value = "where this node is, so that near peers are asked first",
            defaultValue = "",
            placeholder = "REGION/ZONE/RACK")
        String zone,
    @Setting(value = "most bytes a second sent to other members", defaultValue = "100MiB/s")
        RateLimit uploadLimit,
    @Setting(
            value = "most bytes a second received from members and sources",
            defaultValue = "unlimited")
        RateLimit downloadLimit,
    @Setting(
            value = "address of /metrics, /healthz, /readyz and /debug",
            defaultValue = "127.0.0.1:7309")
        HostAndPort admin,
    @Setting("the cluster's public key, which the origin wrote to DATA/cluster.key.pub")
        Optional<Path> clusterKey,
    @Setting("most bytes of blobs to keep; without it, what the disk has") Optional<DataSize> quota,
    @Setting("answer tags from the last known value while their registry cannot be reached")
        boolean staleTags,
    @Setting(
            value = "longest wait for a seeder to take up a blob of a foreign registry",
            defaultValue = "30s")
        Duration seederWait,
    @Setting(
            value = "how long a download may get nothing before the source is read instead",
            defaultValue = "20s")
        Duration stallTimeout,
    @Setting(value = "what moves the bytes", defaultValue = "auto") TransportChoice transport)
    implements MemberConfig {

  public AgentConfig {
    if (seederWait.isNegative() || stallTimeout.toMillis() < 100) {
      throw new IllegalArgumentException(
          "--seeder-wait must not be negative and --stall-timeout at least 100ms, found "
              + seederWait
              + " and "
              + stallTimeout);
    }
    upstream = Map.copyOf(upstream);
    tracker = List.copyOf(tracker);
  }

  /**
   * The defaults on free ports of the loopback address, for agents inside another process.
   *
   * @param more flags as on the command line
   */
  public static AgentConfig onFreePorts(Path data, Path clusterKey, String... more) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--mirror=127.0.0.1:0",
                "--peer=127.0.0.1:0",
                "--admin=127.0.0.1:0",
                "--data=" + data,
                "--cluster-key=" + clusterKey));
    flags.addAll(List.of(more));
    return Settings.load(AgentConfig.class, flags.toArray(String[]::new));
  }
}
