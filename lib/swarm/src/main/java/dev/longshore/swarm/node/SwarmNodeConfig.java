package dev.longshore.swarm.node;

import dev.longshore.service.net.RateLimit;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Zone;
import dev.longshore.swarm.engine.EngineSettings;

/**
 * How a member takes part in the swarm.
 *
 * @param id who it is; drawn by the caller, since the tracker is told too
 * @param listenHost address to listen on
 * @param listenPort port to listen on; 0 for any free one
 * @param advertiseHost where others reach it; empty: they use the address they see
 * @param role what it is there for
 * @param zone {@code region/zone/rack}, or empty
 * @param upload the most it sends to all peers together
 * @param download the most it receives from peers and the source together
 * @param limits what bounds its memory and patience
 * @param engine the constants of its downloads
 */
public record SwarmNodeConfig(
    PeerId id,
    String listenHost,
    int listenPort,
    String advertiseHost,
    PeerRole role,
    String zone,
    RateLimit upload,
    RateLimit download,
    SwarmLimits limits,
    EngineSettings engine) {

  public SwarmNodeConfig {
    if (listenPort < 0 || listenPort > 65535) {
      throw new IllegalArgumentException("a port is 0 to 65535, found " + listenPort);
    }
  }

  /** A member without rate limits, advertised where it listens. */
  public static SwarmNodeConfig of(PeerId id, String listenHost, int listenPort, PeerRole role) {
    return new SwarmNodeConfig(
        id,
        listenHost,
        listenPort,
        isWildcard(listenHost) ? "" : listenHost,
        role,
        "",
        RateLimit.UNLIMITED,
        RateLimit.UNLIMITED,
        SwarmLimits.defaults(),
        EngineSettings.defaults());
  }

  public SwarmNodeConfig withAdvertiseHost(String host) {
    return new SwarmNodeConfig(
        id, listenHost, listenPort, host, role, zone, upload, download, limits, engine);
  }

  public SwarmNodeConfig withZone(String newZone) {
    return new SwarmNodeConfig(
        id, listenHost, listenPort, advertiseHost, role, newZone, upload, download, limits, engine);
  }

  public SwarmNodeConfig withRates(RateLimit newUpload, RateLimit newDownload) {
    return new SwarmNodeConfig(
        id,
        listenHost,
        listenPort,
        advertiseHost,
        role,
        zone,
        newUpload,
        newDownload,
        limits,
        engine);
  }

  public SwarmNodeConfig withLimits(SwarmLimits newLimits) {
    return new SwarmNodeConfig(
        id, listenHost, listenPort, advertiseHost, role, zone, upload, download, newLimits, engine);
  }

  public SwarmNodeConfig withEngine(EngineSettings newEngine) {
    return new SwarmNodeConfig(
        id, listenHost, listenPort, advertiseHost, role, zone, upload, download, limits, newEngine);
  }

  /** Where it is. */
  Zone place() {
    return Zone.parse(zone);
  }

  private static boolean isWildcard(String host) {
    return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
  }
}
