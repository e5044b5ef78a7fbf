package dev.longshore.bench.small;

import dev.longshore.bench.content.SmallLayersImage;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Pulls an image in containerd's order (its {@code core/remotes/docker} resolver and image
 * dispatch): HEAD of the tag, the manifest by digest, then configuration and layers, a few at a
 * time. Connections are new for each image and kept while it comes; what came is hashed.
 */
final class ContainerdPull {
  private final ExecutorService threads;
  private final int parallel;

  ContainerdPull(ExecutorService threads, int parallel) {
    this.threads = threads;
    this.parallel = parallel;
  }

  /** Returns the milliseconds it took. */
  double pull(URI registry, SmallLayersImage image) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Queue<Digest> left = new ConcurrentLinkedQueue<>(image.blobs());
    try (RegistryConnection first = new RegistryConnection(registry)) {
      String head = first.head(image.tagPath());
      if (!head.contains(image.manifestDigest().toString())) {
        throw new IOException(registry + " has another manifest at " + image.tagPath());
      }
      check(first.get(image.manifestPath()), image.manifestDigest());
      List<Callable<Void>> pullers = new ArrayList<>();
      pullers.add(() -> drain(first, left));
      for (int i = 1; i < Math.min(parallel, image.blobs().size()); i++) {
        pullers.add(() -> {
          try (RegistryConnection more = new RegistryConnection(registry)) {
            return drain(more, left);
          }
        });
      }
      for (Future<Void> puller : threads.invokeAll(pullers)) {
        var _ = puller.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("the pull from " + registry + " failed: " + e.getCause(), e);
    }
    return (System.nanoTime() - start) / 1e6;
  }

  private static Void drain(RegistryConnection from, Queue<Digest> left) throws IOException {
    for (Digest blob = left.poll(); blob != null; blob = left.poll()) {
      check(from.get(SmallLayersImage.path(blob)), blob);
    }
    return null;
  }

  private static void check(byte[] bytes, Digest expected) throws IOException {
    if (!Digest.sha256(bytes).equals(expected)) {
      throw new IOException("wrong bytes for " + expected);
    }
  }
}
