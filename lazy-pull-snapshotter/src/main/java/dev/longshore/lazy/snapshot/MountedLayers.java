package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which layers are mounted, and where; one call at a time to {@link RemoteLayers} for each. */
final class MountedLayers {

  /*
   * Between a layer's mount and the record that uses it, and between the removal of its last record
   * and its release, the layer's lock is held: it is never released under somebody who just got it.
   * Whoever waited for a lock looks whether it is still the layer's.
   */

  private static final Logger LOG = LoggerFactory.getLogger(MountedLayers.class);

  private final RemoteLayers remote;
  private final SnapshotTable table;
  private final Map<Digest, Layer> layers = new ConcurrentHashMap<>();

  /** Its fields belong to who holds the lock; reads of a single one need no lock. */
  private static final class Layer {
    final ReentrantLock lock = new ReentrantLock();
    volatile @Nullable LayerMount mount;
    volatile @Nullable String failure;
  }

  MountedLayers(RemoteLayers remote, SnapshotTable table) {
    this.remote = remote;
    this.table = table;
  }

  @FunctionalInterface
  private interface Action<T> {
    T run(Layer layer) throws SnapshotException, IOException;
  }

  /** Uses a layer's mount: stores what refers to it. */
  @FunctionalInterface
  interface Use {
    void store() throws SnapshotException, IOException;
  }

  private <T> T exclusively(Digest digest, Action<T> action) throws SnapshotException, IOException {
    while (true) {
      Layer layer = layers.computeIfAbsent(digest, _ -> new Layer());
      layer.lock.lock();
      try {
        if (layers.get(digest) == layer) {
          try {
            return action.run(layer);
          } finally {
            forgetIfUnused(digest, layer);
          }
        }
      } finally {
        layer.lock.unlock();
      }
    }
  }

  private void forgetIfUnused(Digest digest, Layer layer) {
    if (!table.isUsed(digest)) {
      if (layer.mount != null || layer.failure != null) {
        release(digest);
      }
      layers.remove(digest, layer); // only now may somebody else mount it anew
    }
  }

  private void release(Digest digest) {
    try {
      remote.release(digest);
    } catch (RuntimeException e) {
      LOG.error("releasing layer {} failed unexpectedly; the next start does it", digest, e);
    }
  }

  /**
   * Mounts a layer and has it used.
   *
   * @param use is run only if the layer is mounted; if it stores nothing, the layer is released
   * @return why it was not mounted; empty when it was, and is used
   */
  Optional<String> mount(RemoteLayer wanted, Use use) throws SnapshotException, IOException {
    return exclusively(
        wanted.layer(),
        layer -> {
          switch (ask(wanted)) {
            case MountAnswer.Declined(String reason) -> {
              return Optional.of(reason);
            }
            case LayerMount mount -> {
              layer.mount = mount;
              layer.failure = null;
              if (!wanted.isOf(mount.diffId())) {
                return Optional.of(
                    "the layer's content, %s, is not what the image's configuration names: it does"
                            .formatted(mount.diffId())
                        + " not make the chain "
                        + wanted.chainId());
              }
              use.store();
              return Optional.empty();
            }
          }
        });
  }

  private MountAnswer ask(RemoteLayer wanted) {
    try {
      return remote.mount(wanted);
    } catch (IOException e) {
      LOG.debug("mounting {} failed", wanted.layer(), e);
      return new MountAnswer.Declined(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.error("mounting {} failed unexpectedly", wanted.layer(), e);
      return new MountAnswer.Declined(e.toString());
    }
  }

  /** A record that used the layer is gone; was it the last, the layer is released. */
  void unuse(Digest digest) throws SnapshotException, IOException {
    exclusively(digest, _ -> true);
  }

  /** Where a layer in use is mounted; tries again if it could not be restored. */
  Path directory(Digest digest) throws SnapshotException, IOException {
    Layer known = layers.get(digest);
    LayerMount mounted = known == null ? null : known.mount;
    return mounted != null ? mounted.directory() : restore(digest).directory();
  }

  private LayerMount restore(Digest digest) throws SnapshotException, IOException {
    return exclusively(
        digest,
        layer -> {
          LayerMount mounted = layer.mount;
          if (mounted != null) {
            return mounted; // by somebody else, while this one waited
          }
          if (!table.isUsed(digest)) {
            throw SnapshotException.notFound("layer " + digest); // removed, while this one waited
          }
          try {
            mounted = remote.restore(digest);
          } catch (IOException | RuntimeException e) {
            if (layer.failure == null) {
              LOG.error("layer {} cannot be mounted again; its containers cannot start", digest, e);
            }
            layer.failure =
                e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString();
            throw SnapshotException.unavailable(
                "layer %s is not mounted (%s); it is tried again".formatted(digest, layer.failure));
          }
          if (layer.failure != null) {
            LOG.info("layer {} is mounted again", digest);
          }
          layer.failure = null;
          layer.mount = mounted;
          return mounted;
        });
  }

  /** Mounts again what an earlier run had mounted; a layer that cannot be is tried again later. */
  void restoreAll() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      table.layers().forEach(digest -> threads.execute(() -> tryToRestore(digest)));
    }
  }

  /** Tries again those that could not be restored. */
  void retry() {
    failures().keySet().forEach(this::tryToRestore);
  }

  private void tryToRestore(Digest digest) {
    try {
      if (table.isUsed(digest)) {
        var _ = directory(digest);
      }
    } catch (SnapshotException | IOException e) {
      LOG.debug("layer {}", digest, e); // restore has said it, once
    }
  }

  /** Whether a layer in use could not be restored. */
  boolean isMissing(Digest digest) {
    Layer layer = layers.get(digest);
    return layer != null && layer.failure != null;
  }

  /** Layers that could not be restored, and why. */
  Map<Digest, String> failures() {
    Map<Digest, String> failures = new TreeMap<>();
    layers.forEach((digest, layer) -> {
      String failure = layer.failure;
      if (failure != null) {
        failures.put(digest, failure);
      }
    });
    return failures;
  }
}
