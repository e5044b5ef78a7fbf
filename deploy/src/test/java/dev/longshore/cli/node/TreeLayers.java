package dev.longshore.cli.node;

import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.Mounts;
import dev.longshore.lazy.snapshot.LayerMount;
import dev.longshore.lazy.snapshot.MountAnswer;
import dev.longshore.lazy.snapshot.RemoteLayer;
import dev.longshore.lazy.snapshot.RemoteLayers;
import dev.longshore.lazy.snapshot.Snapshots;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Layers whose files lie in directories of this machine already: bind mounts of those. */
final class TreeLayers implements RemoteLayers, AutoCloseable {
  private static final long BIND = 4096; // MS_BIND, sys/mount.h

  private final Path folder;
  private final Map<Digest, LayeredImage.Layer> offered = new ConcurrentHashMap<>();
  private final Map<Digest, LayerMount> mounted = new ConcurrentHashMap<>();
  final List<RemoteLayer> asked = new CopyOnWriteArrayList<>();

  TreeLayers(Path root) {
    folder = Snapshots.folderOfMounts(root);
  }

  void offer(LayeredImage.Layer layer) {
    offered.put(layer.blob().digest(), layer);
  }

  Set<Digest> mounted() {
    return Set.copyOf(mounted.keySet());
  }

  @Override
  public MountAnswer mount(RemoteLayer wanted) throws IOException {
    asked.add(wanted);
    if (!offered.containsKey(wanted.layer())) {
      return new MountAnswer.Declined("it is not offered");
    }
    return restore(wanted.layer());
  }

  @Override
  public LayerMount restore(Digest digest) throws IOException {
    LayerMount there = mounted.get(digest);
    if (there != null) {
      return there;
    }
    LayeredImage.Layer layer = offered.get(digest);
    if (layer == null) {
      throw new IOException("nobody has " + digest);
    }
    Path target =
        Files.createDirectories(folder.resolve("l" + digest.hex().substring(0, 6) + "/fs"));
    Mounts.mount(layer.tree().toString(), target, "none", BIND, "");
    var mount = new LayerMount(target, layer.diffId());
    mounted.put(digest, mount);
    return mount;
  }

  @Override
  public void keepOnly(Set<Digest> layers) {
    Set<Digest> gone = new HashSet<>(mounted.keySet());
    gone.removeAll(layers);
    gone.forEach(this::release);
  }

  @Override
  public void release(Digest layer) {
    LayerMount mount = mounted.remove(layer);
    if (mount == null) {
      return;
    }
    try {
      Mounts.detach(mount.directory());
      Files.delete(mount.directory());
      Files.delete(mount.directory().getParent());
    } catch (KernelException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    mounted().forEach(this::release);
  }
}
