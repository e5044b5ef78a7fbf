package dev.longshore.seeder;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.discovery.PieceMapDirectory;
import dev.longshore.swarm.holding.HeldBlobs;
import dev.longshore.swarm.holding.SourceBook;
import dev.longshore.swarm.intake.BlobIntake;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.SwarmNode;
import dev.longshore.swarm.source.Registries;
import dev.longshore.swarm.source.RegistryBlob;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one wanted blob here, whole: through the swarm when it has a map, else from its registry,
 * and then the map is made and signed here.
 */
final class SeedFetcher {
  private static final Logger log = LoggerFactory.getLogger(SeedFetcher.class);
  private static final Duration DIRECTORY_ANSWER = Duration.ofSeconds(2);

  private final PieceStore store;
  private final SwarmNode node;
  private final PieceMapDirectory directory;
  private final PeerSource peers;
  private final Registries registries;
  private final ClusterKey key;
  private final SourceBook sources;
  private final HeldBlobs held;
  private final Path spool;
  private final SeederMetrics metrics;
  private final Map<Digest, BlobIntake> intakes = new ConcurrentHashMap<>();

  /** Downloads under way, by what raises them. */
  private final Map<Digest, Consumer<Priority>> downloads = new ConcurrentHashMap<>();

  SeedFetcher(
      PieceStore store,
      SwarmNode node,
      PieceMapDirectory directory,
      PeerSource peers,
      Registries registries,
      ClusterKey key,
      SourceBook sources,
      HeldBlobs held,
      Path spool,
      SeederMetrics metrics) {
    this.store = store;
    this.node = node;
    this.directory = directory;
    this.peers = peers;
    this.registries = registries;
    this.key = key;
    this.sources = sources;
    this.held = held;
    this.spool = spool;
    this.metrics = metrics;
  }

  /** Returns once the blob is here whole and others can have it. */
  void fetch(WantedBlob wanted, Priority priority) throws IOException, InterruptedException {
    // Both come from a tracker, that is from the network: bounded before they are used.
    if (wanted.size() < 0
        || wanted.size() > PieceLayout.MAX_BLOB_SIZE
        || !Registries.isName(wanted.source().registry())
        || RepositoryName.tryParse(wanted.source().repository()).isEmpty()) {
      throw new IOException("not a blob of a registry: " + wanted);
    }
    if (hasWhole(wanted)) {
      held.changed();
      return;
    }
    sources.note(wanted.digest(), wanted.source());
    Optional<LonePieceMap> lone = LonePieceMap.of(wanted.digest(), wanted.size());
    if (lone.isPresent()) {
      download(lone.get(), blob(wanted, wanted.size()), priority);
    } else {
      RegistryBlob blob = atRegistry(wanted);
      Optional<SignedPieceMap> map = findMap(blob);
      if (map.isPresent()) {
        download(map.get(), blob, priority);
      } else {
        pullAndSign(blob);
      }
    }
    held.changed();
    log.info("{} of {} is seeded", wanted.digest(), wanted.source());
  }

  /** Whether the blob is here and needs no more; its map is told again to those who lost it. */
  private boolean hasWhole(WantedBlob wanted) throws IOException {
    Optional<StoredBlob> found = store.find(wanted.digest());
    if (found.isEmpty()) {
      return false;
    }
    try (StoredBlob blob = found.get()) {
      if (!blob.complete()) {
        return false;
      }
      Optional<SignedPieceMap> map = blob.signedMap();
      map.ifPresent(directory::publish);
      return map.isPresent()
          || LonePieceMap.isPossible(wanted.digest(), blob.map().layout().size());
    }
  }

  /** The registry says how large the blob is; whoever wants it may be wrong, or lie. */
  private RegistryBlob atRegistry(WantedBlob wanted) throws IOException {
    RegistryClient client = registries.client(wanted.source().registry());
    RepositoryName repository = new RepositoryName(wanted.source().repository());
    long size =
        client
            .headBlob(repository, wanted.digest())
            .orElseThrow(() ->
                new SourceDeniedException(wanted.source() + " has no blob " + wanted.digest()));
    return blob(wanted, size);
  }

  private RegistryBlob blob(WantedBlob wanted, long size) {
    RegistryClient client = registries.client(wanted.source().registry());
    return new RegistryBlob(client, wanted.source(), wanted.digest(), size, key.trusted());
  }

  private Optional<SignedPieceMap> findMap(RegistryBlob blob) throws InterruptedException {
    try {
      Optional<SignedPieceMap> known =
          directory
              .find(blob.digest(), Duration.ZERO)
              .get(DIRECTORY_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      if (known.isPresent()) {
        return known;
      }
    } catch (ExecutionException | TimeoutException e) {
      log.debug("no answer about the piece map of {}", blob.digest(), e);
    }
    try {
      Optional<SignedPieceMap> atOrigin = blob.pieces();
      atOrigin.ifPresent(directory::publish);
      return atOrigin;
    } catch (IOException e) {
      log.debug("no piece map of {} at {}", blob.digest(), blob.source(), e);
      return Optional.empty();
    }
  }

  private void download(VouchedPieceMap map, RegistryBlob blob, Priority priority)
      throws IOException, InterruptedException {
    try (SwarmDownload download = node.download(map, blob.source(), blob, priority)) {
      downloads.put(blob.digest(), to -> claimToo(map, blob, to));
      await(download.completion());
    } finally {
      downloads.remove(blob.digest());
    }
  }

  /** One more claim on a download makes it as urgent as that, for as long as it runs. */
  private void claimToo(VouchedPieceMap map, RegistryBlob blob, Priority priority) {
    try {
      SwarmDownload claim = node.download(map, blob.source(), blob, priority);
      var _ = claim.completion().whenComplete((done, failure) -> claim.close());
    } catch (IOException e) {
      log.debug("the download of {} stays as urgent as it is", blob.digest(), e);
    }
  }

  /**
   * What is being fetched is more urgent now; a blob that is read past the swarm stays as it is.
   */
  void raise(Digest blob, Priority to) {
    Consumer<Priority> download = downloads.get(blob);
    if (download != null) {
      download.accept(to);
    }
  }

  private void pullAndSign(RegistryBlob blob) throws IOException, InterruptedException {
    // Joining at once tells those who wait for a map that one is being made.
    PeerSource.Registration taken =
        peers.join(blob.digest(), blob.size(), blob.source(), peer -> {});
    try (taken;
        BlobIntake intake = BlobIntake.start(spool, blob.digest(), blob.size(), blob)) {
      intakes.put(blob.digest(), intake);
      PieceMap map = await(intake.completion());
      SignedPieceMap signed = key.sign(map);
      metrics.signed.increment();
      try (StoredBlob stored = store.open(signed)) {
        intake.copyTo(stored);
      }
      directory.publish(signed);
      held.changed();
    } finally {
      intakes.remove(blob.digest());
    }
  }

  /** Bytes of a blob that was not signed yet. */
  long arrived(Digest digest) {
    BlobIntake intake = intakes.get(digest);
    return intake == null ? 0 : intake.received();
  }

  private static <T> T await(CompletableFuture<T> result) throws IOException, InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw new IOException(cause.getMessage(), cause);
      }
      throw new IOException("fetching failed", e.getCause());
    }
  }
}
