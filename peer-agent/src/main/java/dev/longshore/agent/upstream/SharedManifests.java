package dev.longshore.agent.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MalformedManifestException;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.source.BlobAtSource;
import dev.longshore.swarm.source.RegistryManifest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manifests by digest that other members may have, so that a registry is asked once for the bytes
 * of each and not once a node; many registries count just that.
 *
 * <p>Only what a registry itself has described, by an answer to HEAD, is looked for: size and type
 * come from there, and so does the knowledge that the repository has it. That an index lists it is
 * not enough: an index may list what its repository does not have. Thread-safe.
 */
final class SharedManifests {
  private static final Logger log = LoggerFactory.getLogger(SharedManifests.class);

  private static final long MOST_DESCRIBED = 10_000;

  /** Whoever waits for a manifest waits with everything else. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private record Key(SourceRef source, Digest digest) {}

  private final Upstream.Swarm swarm;
  private final Cache<Key, Descriptor> described =
      Caffeine.newBuilder().maximumSize(MOST_DESCRIBED).build();

  SharedManifests(Upstream.Swarm swarm) {
    this.swarm = swarm;
  }

  /** A repository has this manifest: its registry has just said so. */
  void describe(SourceRef source, Descriptor manifest) {
    described.put(new Key(source, manifest.digest()), manifest);
  }

  /**
   * The manifest, from whoever has it; empty when it is better fetched from the registry itself.
   *
   * @param client reads the registry, under a lease, for a caller that has the right to
   */
  Optional<KnownManifest> find(RegistryClient client, SourceRef source, Digest digest)
      throws InterruptedException {
    Descriptor manifest = described.getIfPresent(new Key(source, digest));
    if (manifest == null || !LonePieceMap.isPossible(digest, manifest.size())) {
      return Optional.empty();
    }
    CompletableFuture<byte[]> arrival = new CompletableFuture<>();
    Thread waiter =
        Thread.ofVirtual()
            .name("shared-manifest")
            .start(() -> fetch(new RegistryManifest(client, source, manifest), arrival));
    try {
      byte[] bytes = arrival.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      Manifest.parse(bytes, manifest.mediaType());
      return Optional.of(new KnownManifest(digest, manifest.mediaType(), bytes));
    } catch (ExecutionException | TimeoutException | MalformedManifestException e) {
      log.debug("{} of {} does not come from the swarm", digest, source, e);
      return Optional.empty();
    } finally {
      waiter.interrupt();
    }
  }

  private void fetch(BlobAtSource manifest, CompletableFuture<byte[]> arrival) {
    try {
      arrival.complete(swarm.read(manifest));
    } catch (IOException | InterruptedException | RuntimeException e) {
      arrival.completeExceptionally(e);
    }
  }
}
