package dev.longshore.seeder;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.member.MemberConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of a seeder. */
public record SeederConfig(
    @Setting("the trackers, every member of a cluster the same ones") List<HostAndPort> tracker,
    @Setting(
            value =
                "a registry as image references name it and where it is reached; others are"
                    + " reached at their own address",
            placeholder = "NAME=URL")
        Map<String, URI> upstream,
    @Setting(value = "where agents connect", defaultValue = "127.0.0.1:7201") HostAndPort peer,
    @Setting("host that others reach --peer at, when it is not the one they would see")
        Optional<String> advertise,
    @Setting("folder for blobs and state") Path data,
    @Setting(
            value = "address of /metrics, /healthz, /readyz and /debug",
            defaultValue = "127.0.0.1:7209")
        HostAndPort admin,
    @Setting("the cluster's private key, which the origin wrote to DATA/cluster.key")
        Optional<Path> clusterKey,
    @Setting("docker config.json with the seeder's own logins at registries")
        Optional<Path> registryAuth,
    @Setting(
            value = "where this seeder is, so that near agents ask it first",
            defaultValue = "",
            placeholder = "REGION/ZONE/RACK")
        String zone,
    @Setting(value = "most bytes a second sent to members", defaultValue = "unlimited")
        RateLimit uploadLimit,
    @Setting(
            value = "most bytes a second received from members and sources",
            defaultValue = "unlimited")
        RateLimit downloadLimit,
    @Setting("most bytes of blobs to keep; without it, what the disk has") Optional<DataSize> quota,
    @Setting(value = "most blobs fetched at a time", defaultValue = "4") int parallel,
    @Setting(value = "what moves the bytes", defaultValue = "auto") TransportChoice transport)
    implements MemberConfig {

  public SeederConfig {
    if (parallel < 1 || parallel > 256) {
      throw new IllegalArgumentException("--parallel must be 1 to 256, found " + parallel);
    }
    upstream = Map.copyOf(upstream);
    tracker = List.copyOf(tracker);
  }

  /**
   * The defaults on free ports of the loopback address, for seeders inside another process.
   *
   * @param more flags as on the command line
   */
  public static SeederConfig onFreePorts(Path data, Path clusterKey, String... more) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--peer=127.0.0.1:0",
                "--admin=127.0.0.1:0",
                "--data=" + data,
                "--cluster-key=" + clusterKey));
    flags.addAll(List.of(more));
    return Settings.load(SeederConfig.class, flags.toArray(String[]::new));
  }
}
