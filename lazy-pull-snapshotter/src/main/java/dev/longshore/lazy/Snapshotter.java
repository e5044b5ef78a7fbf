package dev.longshore.lazy;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.fetch.AgentLayers;
import dev.longshore.lazy.grpc.SnapshotEndpoint;
import dev.longshore.lazy.keeper.DeviceProbe;
import dev.longshore.lazy.keeper.KeeperProcess;
import dev.longshore.lazy.layers.LayerMetrics;
import dev.longshore.lazy.layers.LayerPolicy;
import dev.longshore.lazy.layers.NodeLayers;
import dev.longshore.lazy.snapshot.NoRemoteLayers;
import dev.longshore.lazy.snapshot.RemoteLayers;
import dev.longshore.lazy.snapshot.Snapshots;
import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.service.Closer;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running snapshotter. */
public final class Snapshotter implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshotter.class);

  private final Snapshots snapshots;
  private final SnapshotEndpoint endpoint;
  private final Closer opened;

  private Snapshotter(Snapshots snapshots, SnapshotEndpoint endpoint, Closer opened) {
    this.snapshots = snapshots;
    this.endpoint = endpoint;
    this.opened = opened;
  }

  /**
   * Starts a snapshotter; layers of earlier runs are mounted and its socket answers when this
   * returns.
   *
   * @throws StartFailedException if it cannot start, with what to do about it
   */
  public static Snapshotter start(SnapshotterConfig config, MeterRegistry metrics)
      throws StartFailedException {
    Closer opened = new Closer();
    try {
      opened.register(RootLock.take(config.root()));
      warnIfOverlay(config.root());
      RemoteLayers layers = openLayers(config, metrics, opened);
      Snapshots snapshots = opened.register(Snapshots.open(config.root(), layers));
      SnapshotEndpoint endpoint =
          opened.register(SnapshotEndpoint.listen(config.socket(), snapshots));
      SnapshotterMetrics.register(metrics, snapshots);
      LOG.info("containerd's proxy plugin address is {}", config.socket());
      return new Snapshotter(snapshots, endpoint, opened);
    } catch (IOException e) {
      opened.closeAfter(e);
      throw new StartFailedException(String.valueOf(e.getMessage()), e);
    } catch (StartFailedException | RuntimeException | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private static RemoteLayers openLayers(
      SnapshotterConfig config, MeterRegistry metrics, Closer opened) throws IOException {
    Optional<DeviceKind> kind =
        DeviceProbe.run(config.root().resolve("probe")).choose(config.device());
    if (kind.isEmpty()) {
      LOG.warn(
          "This kernel mounts no EROFS: containerd unpacks every layer; longshore doctor says more");
      return new NoRemoteLayers();
    }
    LOG.info("Layers are mounted with devices of kind {}", kind.get());
    LayerMetrics counted = new LayerMetrics(metrics);
    AgentLayers agent =
        opened.register(
            new AgentLayers(
                config.agent(), CredentialsSource.dockerConfig(config.logins()), counted::fetched));
    return opened.register(
        new NodeLayers(
            config.root(),
            Snapshots.folderOfMounts(config.root()),
            KeeperProcess.connect(config.root()),
            new LayerPolicy(
                kind.get(),
                config.lazyAbove().bytes(),
                config.backgroundFill(),
                config.readPatience()),
            agent,
            counted));
  }

  private static void warnIfOverlay(Path root) throws IOException {
    if (Files.getFileStore(root).type().startsWith("overlay")) {
      LOG.warn(
          "--root {} is on an overlayfs, on which no other overlayfs can be written: containers will"
              + " not start; give it a folder on a disk",
          root);
    }
  }

  /** None: containerd comes by a Unix socket. */
  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of();
  }

  @Override
  public List<String> notReady() {
    return snapshots.unavailableLayers().entrySet().stream()
        .map(layer -> "layer " + layer.getKey() + " is not mounted: " + layer.getValue())
        .toList();
  }

  @Override
  public Object debug() {
    return Map.of(
        "snapshots",
        snapshots.counts(),
        "unavailableLayers",
        snapshots.unavailableLayers().entrySet().stream()
            .collect(Collectors.toMap(layer -> layer.getKey().toString(), Map.Entry::getValue)));
  }

  @Override
  public void stop(Duration grace) throws InterruptedException {
    endpoint.stop(grace);
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
