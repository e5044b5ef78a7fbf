package dev.longshore.lazy.layers;

import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.device.DeviceMap;
import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.UnindexedLayerException;
import dev.longshore.layer.tree.RefusedLayerException;
import dev.longshore.lazy.device.DeviceFiller;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.device.DurableTable;
import dev.longshore.lazy.device.FillTable;
import dev.longshore.lazy.device.FillThreads;
import dev.longshore.lazy.device.LazyDevice;
import dev.longshore.lazy.keeper.HeldDevice;
import dev.longshore.lazy.keeper.KeeperLink;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.MountTable;
import dev.longshore.lazy.kernel.Mounts;
import dev.longshore.lazy.snapshot.LayerMount;
import dev.longshore.lazy.snapshot.MountAnswer;
import dev.longshore.lazy.snapshot.RemoteLayer;
import dev.longshore.lazy.snapshot.RemoteLayers;
import dev.longshore.lazy.snapshot.Usage;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers of this node, mounted as EROFS: filled when they are read if there is an index, else
 * fetched whole.
 */
public final class NodeLayers implements RemoteLayers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeLayers.class);
  private static final int SHORT_NAME = 12;

  private final LayerFolders folders;
  private final Path mountPoints;
  private final KeeperLink keeper;
  private final Map<String, HeldDevice> held;
  private final LayerPolicy policy;
  private final LayerSource.Finder sources;
  private final FillThreads threads = new FillThreads();
  private final ConcurrentSkipListMap<Digest, MountedLayer> mounted = new ConcurrentSkipListMap<>();
  private final WaitingReads reads;
  private final BackgroundFill background;

  /**
   * The layers below a folder; none is mounted yet as far as this knows.
   *
   * @param root the snapshotter's own folder
   * @param mountPoints the folder whose NAME/fs they are mounted at
   * @param keeper whose link has not been started
   * @param policy how they are mounted and filled
   * @param metrics that are counted
   */
  public NodeLayers(
      Path root,
      Path mountPoints,
      KeeperLink keeper,
      LayerPolicy policy,
      LayerSource.Finder sources,
      LayerMetrics metrics)
      throws IOException {
    this.folders = new LayerFolders(root.resolve("layers"));
    this.mountPoints = mountPoints;
    this.keeper = keeper;
    this.held = new ConcurrentHashMap<>(keeper.held());
    this.policy = policy;
    this.sources = sources;
    this.reads = new WaitingReads(keeper, metrics);
    this.background = new BackgroundFill(mounted::values, threads, policy.fillInBackground());
    metrics.mounts(mounted::values);
    keeper.start(reads::take);
    background.start();
  }

  @Override
  public MountAnswer mount(RemoteLayer wanted) throws IOException {
    Digest layer = wanted.layer();
    MountedLayer there = mounted.get(layer);
    if (there != null) {
      return answer(there);
    }
    Optional<LayerFolder> found = folders.find(layer);
    if (found.isEmpty()) {
      try {
        found = Optional.of(obtain(layer, wanted.image()));
      } catch (UnindexedLayerException | RefusedLayerException e) {
        return new MountAnswer.Declined(String.valueOf(e.getMessage()));
      }
    }
    return answer(mounted(layer, found.get()));
  }

  private static LayerMount answer(MountedLayer layer) {
    return new LayerMount(layer.mountPoint(), layer.diffId());
  }

  /**
   * Makes a layer's folder: from its index, with an empty device; else, or when devices cannot be
   * filled later, by fetching all of it.
   */
  private LayerFolder obtain(Digest layer, String image)
      throws IOException, UnindexedLayerException, RefusedLayerException {
    LayerSource source = sources.of(image);
    Optional<ReceivedIndex> index =
        canBeLazy(source, layer) ? ReceivedIndex.of(source, layer) : Optional.empty();
    LayerFolder folder = folders.begin();
    try {
      LayerIndex known =
          index.isPresent() ? index.get().index() : WholeLayer.fetch(source, layer, folder);
      folder.write(known, index.isPresent() ? index.get().encoded() : known.encodeFast(), image);
      DeviceMap map = DeviceMap.of(DeviceLayout.of(known.entries()));
      FillTable table = FillTable.create(folder.filled(), LazyDevice.starts(known.spans(), map));
      if (index.isEmpty()) {
        for (int span = 0; span < table.spans(); span++) {
          table.fill(span);
        }
      }
      new DurableTable(folder.durable()).save(table);
      return folders.finish(folder, layer);
    } catch (IOException | UnindexedLayerException | RefusedLayerException | RuntimeException e) {
      folders.abandon(folder);
      throw e;
    }
  }

  private boolean canBeLazy(LayerSource source, Digest layer) throws IOException {
    return policy.kind() != DeviceKind.PLAIN && source.size(layer) >= policy.lazyAbove();
  }

  @Override
  public void keepOnly(Set<Digest> layers) {
    try {
      Set<Path> points = MountTable.mountPoints();
      for (Digest layer : folders.all()) {
        if (!layers.contains(layer)) {
          discard(layer, points);
        }
      }
    } catch (IOException e) {
      LOG.warn("Layers that nobody uses any more are kept until the next start", e);
    }
  }

  private void discard(Digest layer, Set<Path> points) {
    try {
      Path point = mountPoint(layer);
      if (points.contains(point)) {
        Mounts.detach(point);
      }
      letGo(layer);
      folders.delete(layer);
    } catch (IOException e) {
      LOG.warn("Layer {}, which nobody uses any more, is kept until the next start", layer, e);
    }
  }

  @Override
  public LayerMount restore(Digest layer) throws IOException {
    MountedLayer there = mounted.get(layer);
    if (there != null) {
      return answer(there);
    }
    LayerFolder folder =
        folders
            .find(layer)
            .orElseThrow(() -> new IOException("layer " + layer + " is not on the disk any more"));
    return answer(mounted(layer, folder));
  }

  /** Mounts a layer, or finds it mounted from before this process began, and fills it from now. */
  private MountedLayer mounted(Digest layer, LayerFolder folder) throws IOException {
    LayerIndex index = folder.readIndex();
    FillTable table = FillTable.open(folder.filled());
    int taken = new DurableTable(folder.durable()).correct(table);
    if (taken > 0) {
      LOG.info("Layer {}: {} spans were not on the disk when the machine stopped", layer, taken);
    }
    MountedLayer fresh = new MountedLayer(layer, index.diffId(), folder, mountPoint(layer));
    HeldDevice there = held.remove(name(layer));
    boolean isMounted = isMounted(fresh, there != null, table.isComplete());
    DeviceKind with = DeviceKind.PLAIN;
    Path device = folder.data();
    if (table.isComplete()) {
      keepWhileMounted(fresh, there, isMounted);
    } else if (there == null && policy.kind() == DeviceKind.PLAIN) {
      fetchRest(fresh, index, table);
    } else {
      if (there == null) {
        there = keeper.hold(name(layer), policy.kind(), folder.data(), folder.filled());
      }
      with = there.kind();
      device = there.path();
      fill(fresh, index, table, there);
    }
    if (!isMounted) {
      Optional<Path> named = table.deviceSize() > 0 ? Optional.of(device) : Optional.empty();
      folder.mount(with, named, fresh.mountPoint());
    }
    mounted.put(layer, fresh);
    return fresh;
  }

  /** Whether a layer is mounted and can be read; one that cannot is unmounted. */
  private static boolean isMounted(MountedLayer layer, boolean isHeld, boolean isComplete)
      throws IOException {
    if (!MountTable.mountPoints().contains(layer.mountPoint())) {
      return false;
    }
    boolean needsKeeper = !isComplete || layer.folder().readMountedWith() == DeviceKind.FUSE;
    if (needsKeeper && !isHeld) {
      LOG.warn("Layer {} is mounted and nobody held it: mounting it anew", layer.layer());
      Mounts.detach(layer.mountPoint());
      return false;
    }
    return true;
  }

  /** Lets go of the device of a complete layer, unless it is being read through. */
  private void keepWhileMounted(MountedLayer layer, @Nullable HeldDevice there, boolean isMounted)
      throws IOException {
    if (there == null) {
      return;
    }
    there.close();
    String name = name(layer.layer());
    if (isMounted && there.kind() == DeviceKind.FUSE) {
      reads.complete(name);
    } else {
      keeper.release(name);
    }
  }

  private void fill(MountedLayer layer, LayerIndex index, FillTable table, HeldDevice device)
      throws IOException {
    DeviceFiller filler = filler(layer, index, table, device.data(), () -> completed(layer));
    layer.fillWith(filler, device.kind());
    reads.serve(name(layer.layer()), filler::fill);
  }

  /** Fetches all that is missing of a layer that is not mounted. */
  private void fetchRest(MountedLayer layer, LayerIndex index, FillTable table) throws IOException {
    Descriptor data = Descriptor.open(layer.folder().data(), Descriptor.READ_WRITE);
    try (DeviceFiller filler = filler(layer, index, table, data, () -> {})) {
      filler.fill(0, Long.MAX_VALUE).get();
      new DurableTable(layer.folder().durable()).save(filler.device());
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a layer was fetched", e);
    }
  }

  private DeviceFiller filler(
      MountedLayer layer, LayerIndex index, FillTable table, Descriptor data, Runnable completed)
      throws IOException {
    LazyDevice device =
        new LazyDevice(
            layer.layer(),
            index.compression(),
            index.spans(),
            DeviceMap.of(DeviceLayout.of(index.entries())),
            table,
            data);
    String image = layer.folder().readSource();
    return new DeviceFiller(
        device,
        (blob, offset, length, receiver) -> sources.of(image).read(blob, offset, length, receiver),
        threads,
        policy.patience(),
        completed);
  }

  /** Nothing is missing any more: the kernel needs nobody to read this layer, but through FUSE. */
  private void completed(MountedLayer layer) {
    try {
      layer.save();
      if (layer.kind() == DeviceKind.FUSE) {
        reads.complete(name(layer.layer()));
      } else {
        letGo(layer.layer());
      }
      layer.finish();
      LOG.info("Layer {} is complete", layer.layer());
    } catch (IOException e) {
      LOG.warn("Layer {} is complete and stays with the keeper", layer.layer(), e);
    }
  }

  private void letGo(Digest layer) throws IOException {
    HeldDevice device = held.remove(name(layer));
    if (device != null) {
      device.close();
    }
    keeper.release(name(layer));
    reads.forget(name(layer));
  }

  @Override
  public void release(Digest layer) {
    MountedLayer there = mounted.remove(layer);
    try {
      Path point = mountPoint(layer);
      if (MountTable.mountPoints().contains(point)) {
        Mounts.detach(point);
      }
      if (there != null) {
        there.finish();
      }
      letGo(layer);
      folders.delete(layer);
    } catch (IOException e) {
      LOG.warn("Layer {}, which nobody uses any more, is kept until the next start", layer, e);
    }
  }

  @Override
  public Usage usage(Digest layer) {
    return folders.find(layer).map(LayerFolder::usage).orElse(Usage.NONE);
  }

  private Path mountPoint(Digest layer) {
    return mountPoints.resolve(name(layer)).resolve("fs");
  }

  private static String name(Digest layer) {
    return "L" + layer.hex().substring(0, SHORT_NAME);
  }

  /**
   * Stops filling; what is mounted stays so, and whoever reads waits for the next snapshotter. A
   * keeper that holds nothing ends.
   */
  @Override
  public void close() {
    background.close();
    threads.close();
    for (MountedLayer layer : mounted.values()) {
      try {
        layer.save();
      } catch (IOException e) {
        LOG.warn("Layer {}: what is filled could not be noted on the disk", layer.layer(), e);
      }
      layer.finish();
    }
    try {
      keeper.exit();
      keeper.close();
    } catch (IOException e) {
      LOG.debug("The link to the keeper did not close", e);
    }
  }
}
