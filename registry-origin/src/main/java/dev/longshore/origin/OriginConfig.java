package dev.longshore.origin;

import dev.longshore.service.DaemonConfig;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The settings of an origin. */
public record OriginConfig(
    @Setting(value = "where the registry is served", defaultValue = "127.0.0.1:5000")
        HostAndPort listen,
    @Setting("directory of blobs, metadata and the cluster key; created when missing") Path data,
    @Setting(value = "where metrics, health and debug are served", defaultValue = "127.0.0.1:5009")
        HostAndPort admin,
    @Setting("private key that signs piece maps; by default cluster.key under --data, created")
        Optional<Path> clusterKey,
    @Setting(value = "who may push and pull without an account", defaultValue = "loopback")
        Anonymous anonymous,
    @Setting(value = "what moves the bytes", defaultValue = "auto") TransportChoice transport,
    @Setting(value = "space on the disk that uploads leave free", defaultValue = "256MiB")
        DataSize reserve,
    @Setting(value = "memory for manifests", defaultValue = "64MiB") DataSize manifestCache,
    @Setting(value = "memory for blobs of up to 64 KiB", defaultValue = "64MiB") DataSize blobCache,
    @Setting(value = "age at which an unfinished upload is given up", defaultValue = "7d")
        Duration uploadExpiry)
    implements DaemonConfig {

  /** Who needs no account. */
  public enum Anonymous {
    /** Everybody, if and only if the registry listens on a loopback address. */
    LOOPBACK,
    /** Nobody. */
    NONE
  }

  /** The defaults, on free loopback ports. For tests and for origins inside another process. */
  public static OriginConfig inDirectory(Path data) {
    return new OriginConfig(
        new HostAndPort("127.0.0.1", 0),
        data,
        new HostAndPort("127.0.0.1", 0),
        Optional.empty(),
        Anonymous.LOOPBACK,
        TransportChoice.AUTO,
        DataSize.parse("256MiB"),
        DataSize.parse("64MiB"),
        DataSize.parse("64MiB"),
        Duration.ofDays(7));
  }

  /** The same on another address. */
  public OriginConfig withListen(HostAndPort address) {
    return new OriginConfig(
        address,
        data,
        admin,
        clusterKey,
        anonymous,
        transport,
        reserve,
        manifestCache,
        blobCache,
        uploadExpiry);
  }

  /** The same with another key file. */
  public OriginConfig withClusterKey(Path file) {
    return new OriginConfig(
        listen,
        data,
        admin,
        Optional.of(file),
        anonymous,
        transport,
        reserve,
        manifestCache,
        blobCache,
        uploadExpiry);
  }

  /** The same with another rule for requests without credentials. */
  public OriginConfig withAnonymous(Anonymous rule) {
    return new OriginConfig(
        listen,
        data,
        admin,
        clusterKey,
        rule,
        transport,
        reserve,
        manifestCache,
        blobCache,
        uploadExpiry);
  }

  /** The same with another reserve. */
  public OriginConfig withReserve(DataSize bytes) {
    return new OriginConfig(
        listen,
        data,
        admin,
        clusterKey,
        anonymous,
        transport,
        bytes,
        manifestCache,
        blobCache,
        uploadExpiry);
  }
}
