package dev.longshore.lazy.snapshot;

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
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Layers that are plain directories beside the snapshots; like real ones, they outlive a crash. */
final class FakeLayers implements RemoteLayers {
  private final Path folder;
  private final Map<Digest, Digest> offered = new ConcurrentHashMap<>();
  private final Map<Digest, Path> mounted = new ConcurrentHashMap<>();
  private final Set<Digest> busy = ConcurrentHashMap.newKeySet();
  final List<RemoteLayer> asked = new CopyOnWriteArrayList<>();
  final List<Digest> restored = new CopyOnWriteArrayList<>();
  final List<Digest> released = new CopyOnWriteArrayList<>();
  volatile @Nullable IOException restoreFailure;
  volatile Runnable whileMounting = () -> {};

  /** Set when the process is to be taken for dead: what it still asks for is not done. */
  volatile BooleanSupplier isDead = () -> false;

  FakeLayers(Path root) {
    folder = Snapshots.folderOfMounts(root);
  }

  /** From now on, this layer can be mounted. */
  void offer(Digest layer, Digest diffId) {
    offered.put(layer, diffId);
  }

  Set<Digest> mounted() {
    return Set.copyOf(mounted.keySet());
  }

  Path directory(Digest layer) {
    return folder.resolve("l" + layer.hex().substring(0, 6)).resolve("fs");
  }

  @Override
  public MountAnswer mount(RemoteLayer wanted) throws IOException {
    asked.add(wanted);
    return alone(
        wanted.layer(),
        () -> {
          whileMounting.run();
          Digest diffId = offered.get(wanted.layer());
          if (diffId == null) {
            return new MountAnswer.Declined("it is not offered");
          }
          return put(wanted.layer(), diffId);
        });
  }

  private LayerMount put(Digest layer, Digest diffId) throws IOException {
    Path directory = Files.createDirectories(directory(layer));
    mounted.put(layer, directory);
    return new LayerMount(directory, diffId);
  }

  @Override
  public void keepOnly(Set<Digest> layers) {
    Set<Digest> gone = new HashSet<>(mounted.keySet());
    gone.removeAll(layers);
    gone.forEach(this::release);
  }

  @Override
  public LayerMount restore(Digest layer) throws IOException {
    return alone(
        layer,
        () -> {
          IOException failure = restoreFailure;
          if (failure != null) {
            throw failure;
          }
          Digest diffId = offered.get(layer);
          if (diffId == null || !mounted.containsKey(layer)) {
            throw new IOException("it was never mounted");
          }
          restored.add(layer);
          return put(layer, diffId);
        });
  }

  @Override
  public void release(Digest layer) {
    if (isDead.getAsBoolean()) {
      return;
    }
    try {
      alone(
          layer,
          () -> {
            Path directory = mounted.remove(layer);
            if (directory != null) {
              Files.delete(directory);
              Files.delete(directory.resolveSibling(".").normalize());
            }
            released.add(layer);
            return layer;
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T alone(Digest layer, Work<T> work) throws IOException {
    if (!busy.add(layer)) {
      throw new AssertionError("two calls at once for " + layer);
    }
    try {
      return work.run();
    } finally {
      busy.remove(layer);
    }
  }
}
