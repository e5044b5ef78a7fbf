package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.holding.SourceBook;
import dev.longshore.swarm.intake.BlobIntake;
import dev.longshore.swarm.node.Scope;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.source.BlobAtSource;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.StoreFullException;
import dev.longshore.swarm.store.StoredBlob;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens blobs the best way there is: whole from the store; else from the swarm, with a piece map,
 * which a blob of one piece brings along; else, for want of a map, from the source alone, once for
 * everybody on this node.
 *
 * <p>Whoever calls has checked that the caller may read the blob.
 */
public final class Blobs implements FetchAhead.Fetch, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Blobs.class);

  /** Free bytes that spooling a blob must leave on the disk. */
  private static final long DISK_RESERVE = 64L << 20;

  /** How long a download that was read in parts stays ready for the next. */
  private static final Duration REST = Duration.ofSeconds(15);

  private static final Duration QUIET_AFTER_WARNING = Duration.ofMinutes(1);

  /** Joins or starts the swarm's download of a blob, as {@code SwarmNode.download} does. */
  @FunctionalInterface
  public interface Swarm {
    SwarmDownload download(
        VouchedPieceMap map, SourceRef source, SourceReader reader, Priority priority, Scope scope)
        throws IOException;
  }

  private final PieceStore store;
  private final Swarm swarm;
  private final MapFinder maps;
  private final SourceBook sources;
  private final Runnable stored;
  private final Path spool;
  private final Duration patience;
  private final BlobMetrics metrics;
  private final InstantSource clock;
  private final TransferLog transfers;
  private final Executor afterRest =
      CompletableFuture.delayedExecutor(
          REST.toMillis(), TimeUnit.MILLISECONDS, task -> Thread.ofVirtual().start(task));
  private final ConcurrentHashMap<Digest, SharedDownload> downloads = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Digest, SharedIntake> intakes = new ConcurrentHashMap<>();
  private long quietUntil; // epoch milliseconds; guarded by this

  /**
   * The blobs of this node.
   *
   * @param sources remembers where the blobs here came from
   * @param stored called when the store has something new to announce
   * @param spool a folder for blobs that come without a map
   * @param patience how long a download may get nothing before the source is read instead
   */
  public Blobs(
      PieceStore store,
      Swarm swarm,
      MapFinder maps,
      SourceBook sources,
      Runnable stored,
      Path spool,
      Duration patience,
      BlobMetrics metrics,
      InstantSource clock) {
    this.store = store;
    this.swarm = swarm;
    this.maps = maps;
    this.sources = sources;
    this.stored = stored;
    this.spool = spool;
    this.patience = patience;
    this.metrics = metrics;
    this.clock = clock;
    this.transfers = new TransferLog(clock);
  }

  /** Transfers that run and the last that ended, for {@code /debug}. */
  public List<TransferReport> transfers() {
    return transfers.reports();
  }

  /** The last transfer of a blob, running or ended; empty when none is remembered. */
  public Optional<TransferReport> transfer(Digest digest) {
    return transfers.latest(digest);
  }

  /** Bytes in a blob that is here whole. */
  public Optional<Long> sizeOfStored(Digest digest) throws IOException {
    Optional<StoredBlob> found = store.find(digest);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (StoredBlob blob = found.get()) {
      return blob.complete() ? Optional.of(blob.map().layout().size()) : Optional.empty();
    }
  }

  /** Bytes of a blob that came without a map and is not in the store yet. */
  public long arrived(Digest digest) {
    SharedIntake intake = intakes.get(digest);
    return intake == null ? 0 : intake.intake().received();
  }

  /** Returns once a blob is in the store, whole: for readers to come, who are not here yet. */
  public void fetch(BlobAtSource source) throws IOException, InterruptedException {
    fetch(source, Priority.PREHEAT);
  }

  /**
   * Remembers where blobs come from that are about to be fetched, such as those of a manifest, in
   * one write; not of those that are here or on their way: they came from elsewhere, perhaps.
   */
  @Override
  public void expect(List<? extends BlobAtSource> blobs) {
    Map<SourceRef, List<Digest>> coming = new HashMap<>();
    for (BlobAtSource blob : blobs) {
      if (!downloads.containsKey(blob.digest()) && !isStored(blob.digest())) {
        coming.computeIfAbsent(blob.source(), source -> new ArrayList<>()).add(blob.digest());
      }
    }
    coming.forEach(this::note);
  }

  private boolean isStored(Digest digest) {
    try {
      return sizeOfStored(digest).isPresent();
    } catch (IOException e) {
      log.debug("{} cannot be looked up", digest, e);
      return true; // whoever fetches it finds out
    }
  }

  /** Returns once a blob is in the store, whole; it is this urgent. */
  @Override
  public void fetch(BlobAtSource source, Priority priority)
      throws IOException, InterruptedException {
    try (OpenBlob blob = open(source, priority)) {
      blob.keep();
    }
  }

  /** The bytes of a blob of one piece, which is kept like any other. */
  public byte[] read(BlobAtSource source) throws IOException, InterruptedException {
    fetch(source, Priority.FOREGROUND);
    try (StoredBlob blob =
        store
            .find(source.digest())
            .orElseThrow(() -> new IOException(source.digest() + " was not kept"))) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(blob.map().layout().size()));
      while (bytes.hasRemaining()) {
        if (blob.file().read(bytes, bytes.position()) < 0) {
          throw new EOFException(source.digest() + " is shorter than its map says");
        }
      }
      return bytes.array();
    }
  }

  /**
   * Opens a blob for one reader, which is this urgent. For one that reads {@link
   * Priority#ON_DEMAND} only what it reads is fetched, in whole pieces.
   */
  public OpenBlob open(BlobAtSource source, Priority priority)
      throws IOException, InterruptedException {
    Digest digest = source.digest();
    @Nullable VouchedPieceMap map = null;
    Optional<StoredBlob> stored = store.find(digest);
    if (stored.isPresent()) {
      if (stored.get().complete()) {
        return new StoredReading(stored.get(), metrics::sent);
      }
      map = stored.get().signedMap().orElse(null);
      stored.get().close();
    }
    if (map == null) {
      map = LonePieceMap.of(digest, source.size()).orElse(null);
    }
    SharedIntake running = intakes.get(digest);
    if (map == null && running != null && running.enter()) {
      return new IntakeReading(running, source, metrics);
    }
    if (map == null) {
      map = maps.find(source).orElse(null);
    }
    return map != null ? fromSwarm(map, source, priority) : fromSource(source);
  }

  private OpenBlob fromSwarm(VouchedPieceMap map, BlobAtSource source, Priority priority)
      throws IOException {
    while (true) {
      SharedDownload shared =
          downloads.computeIfAbsent(source.digest(), digest -> newDownload(map, source));
      try {
        SwarmDownload claim = shared.enter(source, priority);
        if (claim != null) {
          return new SwarmReading(shared, claim, priority, source, patience, metrics);
        }
      } catch (StoreFullException e) {
        tellStoreFull(e);
        return direct(source, map.map(), BlobMetrics.Fallback.STORE_FULL, e);
      } catch (IOException e) {
        log.warn("{} cannot be had from the swarm: {}", source.digest(), e.getMessage(), e);
        return direct(source, map.map(), BlobMetrics.Fallback.SWARM_FAILED, e);
      }
    }
  }

  private SharedDownload newDownload(VouchedPieceMap map, BlobAtSource source) {
    Digest digest = source.digest();
    note(source);
    return new SharedDownload(
        map,
        transfers.begin(digest, map.map().layout().size(), source.source()),
        (reader, priority, scope) -> swarm.download(map, source.source(), reader, priority, scope),
        afterRest,
        () -> {
          downloads.remove(digest);
          stored.run();
        });
  }

  private OpenBlob fromSource(BlobAtSource source) throws IOException {
    metrics.fellBack(BlobMetrics.Fallback.NO_MAP);
    Files.createDirectories(spool);
    long free = Files.getFileStore(spool).getUsableSpace();
    if (source.size() > free - DISK_RESERVE) {
      StoreFullException full =
          new StoreFullException(
              "the disk has " + free + " bytes free, the blob has " + source.size());
      tellStoreFull(full);
      return direct(source, null, BlobMetrics.Fallback.STORE_FULL, full);
    }
    while (true) {
      SharedIntake shared;
      synchronized (intakes) {
        SharedIntake running = intakes.get(source.digest());
        shared = running != null ? running : startIntake(source);
      }
      if (shared.enter()) {
        return new IntakeReading(shared, source, metrics);
      }
    }
  }

  private SharedIntake startIntake(BlobAtSource source) throws IOException {
    Digest digest = source.digest();
    note(source);
    BlobIntake intake = BlobIntake.start(spool, digest, source.size(), source);
    SharedIntake shared =
        new SharedIntake(
            intake,
            transfers.begin(digest, source.size(), source.source()),
            this::keep,
            () -> forgetIntake(digest));
    intakes.put(digest, shared);
    var _ =
        intake.completion().whenComplete((map, failure) -> metrics.readAtSource(intake.received()));
    return shared;
  }

  /** An intake may end before it is entered: then this waits, and nobody finds it afterwards. */
  private void forgetIntake(Digest digest) {
    synchronized (intakes) {
      intakes.remove(digest);
    }
  }

  private void note(BlobAtSource blob) {
    note(blob.source(), List.of(blob.digest()));
  }

  private void note(SourceRef source, List<Digest> blobs) {
    try {
      sources.note(blobs, source);
    } catch (IOException e) {
      log.warn("cannot remember that {} came from {}: {}", blobs, source, e.getMessage());
    }
  }

  /** With a signed map, if there is one by now, the blob can be handed on to others too. */
  private void keep(BlobIntake intake, PieceMap map) throws IOException, InterruptedException {
    Optional<SignedPieceMap> signed = maps.known(intake.digest());
    try (StoredBlob blob =
        signed.isPresent() ? store.open(signed.get()) : store.openUnsigned(map)) {
      intake.copyTo(blob);
      stored.run();
    } catch (StoreFullException e) {
      tellStoreFull(e);
      throw e;
    }
  }

  private OpenBlob direct(
      BlobAtSource source, @Nullable PieceMap map, BlobMetrics.Fallback reason, IOException why) {
    metrics.fellBack(reason);
    Transfer transfer = transfers.begin(source.digest(), source.size(), source.source());
    return new DirectReading(source, map, transfer, why, metrics);
  }

  private synchronized void tellStoreFull(StoreFullException e) {
    long now = clock.millis();
    if (now >= quietUntil) {
      quietUntil = now + QUIET_AFTER_WARNING.toMillis();
      log.warn(
          "the store is full ({}): blobs pass through from the source and are not kept or shared;"
              + " free disk space or raise --quota",
          e.getMessage());
    }
  }

  /**
   * Stops reading blobs that came without a map, and downloads that rest; those that run end with
   * the swarm.
   */
  @Override
  public void close() throws IOException {
    downloads.values().forEach(SharedDownload::settle);
    for (SharedIntake intake : intakes.values()) {
      intake.intake().close();
    }
  }
}
