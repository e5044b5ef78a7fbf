package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.store.PieceIndex.IndexFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The piece store on sparse files and an index. */
final class FilePieceStore implements PieceStore {
  private static final Logger log = LoggerFactory.getLogger(FilePieceStore.class);

  /** What a full disk makes the store give up at once: enough not to be full again in a moment. */
  private static final long ROOM_BYTES = 64 << 20;

  private final StoreConfig config;
  private final @Nullable TrustedKeys keys;
  private final UseClock uses;
  private final StoreMetrics metrics;
  private final StoreLock lock;
  private final BlobPins pins;
  private final PieceIndex index;
  private final BlobDirectory directory;
  private final StoreTally tally = new StoreTally();
  private final Map<Digest, KnownBlob> blobs;
  private final PieceSync sync;
  private final PieceVerifier verifier;
  private final Quota quota;
  private final CompletableFuture<Void> recovered;
  private final SyncClock syncClock;

  private final BlobStripes stripes = new BlobStripes();
  private final BlobRemoval removal;

  private volatile ToIntFunction<Digest> otherHolders = digest -> 0;
  private volatile boolean closed;

  /** A store on an index just opened; nothing runs in the background if this throws. */
  FilePieceStore(
      StoreConfig config,
      @Nullable TrustedKeys keys,
      InstantSource clock,
      StoreMetrics metrics,
      StoreLock lock,
      BlobPins pins,
      PieceIndex index)
      throws IOException {
    this.config = config;
    this.keys = keys;
    this.metrics = metrics;
    this.lock = lock;
    this.pins = pins;
    this.index = index;
    this.directory = new BlobDirectory(config.root());
    this.blobs = StoredBlobs.load(directory, index, tally);
    this.uses =
        new UseClock(clock, blobs.values().stream().mapToLong(KnownBlob::lastUse).max().orElse(0));
    this.removal = new BlobRemoval(directory, pins, blobs, stripes, uses, metrics);
    this.sync = new PieceSync(directory, index, metrics);
    this.verifier = new PieceVerifier(directory, sync, metrics);
    this.quota =
        new Quota(
            config,
            Files.getFileStore(config.root())::getUsableSpace,
            blobs.values(),
            tally,
            new EvictionOrder(uses::now, digest -> otherHolders.applyAsInt(digest)),
            removal);
    this.recovered =
        verifier.verify(
            blobs.values().stream().filter(blob -> !blob.suspects().isEmpty()).toList());
    this.syncClock = SyncClock.start(sync, config.syncEvery());
    metrics.watch(this);
  }

  @Override
  public StoredBlob open(VouchedPieceMap map) throws IOException {
    return open(MapFile.Content.of(map));
  }

  @Override
  public StoredBlob openUnsigned(PieceMap map) throws IOException {
    return open(MapFile.Content.of(map));
  }

  private StoredBlob open(MapFile.Content content) throws IOException {
    ensureOpen();
    Digest digest = content.map().digest();
    long size = missing(content.map());
    try {
      quota.admit(digest, size);
    } catch (StoreFullException e) {
      metrics.full.increment();
      throw e;
    }
    try {
      return openAdmitted(content);
    } catch (IOException e) {
      throw explained("open blob " + digest, e);
    } finally {
      quota.admitted(size);
    }
  }

  /** Bytes that a blob needs beyond those that are counted already. */
  private long missing(PieceMap map) {
    KnownBlob known = blobs.get(map.digest());
    if (known == null) {
      return map.layout().size();
    }
    return known.isOpen() ? 0 : map.layout().size() - known.heldBytes();
  }

  private StoredBlob openAdmitted(MapFile.Content content) throws IOException {
    try {
      return openOnce(content);
    } catch (IndexFullException e) {
      log.info("The piece index is full: evicting the blobs used least recently");
    } catch (IOException e) {
      if (!DiskFull.is(e)) {
        throw e;
      }
      log.info("The disk is full: evicting the blobs used least recently");
    }
    quota.makeRoom(ROOM_BYTES);
    try {
      return openOnce(content);
    } catch (IndexFullException e) {
      throw new StoreFullException(
          "cannot open blob "
              + content.map().digest()
              + ": the piece index of "
              + config.root()
              + " has no room for more blobs than those in use",
          e);
    }
  }

  private StoredBlob openOnce(MapFile.Content content) throws IOException, IndexFullException {
    Digest digest = content.map().digest();
    ReentrantLock stripe = stripes.of(digest);
    stripe.lock();
    try {
      KnownBlob blob = blobs.get(digest);
      if (blob != null && !agrees(blob, content)) {
        if (!removal.deleteIfIdle(blob)) {
          throw new IOException(
              "cannot open blob " + digest + ": it is in use with a piece map that differs");
        }
        log.warn("Blob {} comes with another piece map: beginning it anew", digest);
        blob = null;
      }
      return claim(blob == null ? create(content) : blob);
    } finally {
      stripe.unlock();
    }
  }

  /** Whether a blob has this very map; a signature that it lacked is added. */
  private boolean agrees(KnownBlob blob, MapFile.Content content) throws IOException {
    MapFile.Content stored;
    try {
      stored = contentOf(blob);
    } catch (IOException e) {
      log.warn("The stored piece map of {} cannot be read", blob.digest(), e);
      return false;
    }
    if (!stored.map().equals(content.map())) {
      return false;
    }
    if (stored.signed() == null && content.signed() != null) {
      directory.writeMap(blob.digest(), blob.incarnation(), content, uses.use());
      blob.remember(content);
    }
    return true;
  }

  private KnownBlob create(MapFile.Content content) throws IOException, IndexFullException {
    PieceMap map = content.map();
    long incarnation = ThreadLocalRandom.current().nextLong();
    long now = uses.use();
    directory.create(map.digest(), incarnation, content, now);
    KnownBlob blob = new KnownBlob(map.digest(), map.layout(), incarnation, now, index, tally);
    try {
      blob.register();
    } catch (IndexFullException | RuntimeException e) {
      blob.forget();
      directory.delete(map.digest());
      throw e;
    }
    blob.remember(content);
    blobs.put(map.digest(), blob);
    return blob;
  }

  @Override
  public Optional<StoredBlob> find(Digest digest) throws IOException {
    ensureOpen();
    ReentrantLock stripe = stripes.of(digest);
    stripe.lock();
    try {
      KnownBlob blob = blobs.get(digest);
      return blob == null || blob.isDoomed() ? Optional.empty() : Optional.of(claim(blob));
    } finally {
      stripe.unlock();
    }
  }

  /** The caller holds the blob's stripe. */
  private StoredBlob claim(KnownBlob blob) throws IOException {
    MapFile.Content content = contentOf(blob);
    if (!blob.claim(uses.use())) {
      throw new IOException(
          "cannot open blob " + blob.digest() + ": it is being deleted; try again");
    }
    blob.remember(content);
    return new BlobClaim(this, blob, content, directory.file(blob.digest()));
  }

  private MapFile.Content contentOf(KnownBlob blob) throws IOException {
    MapFile.Content remembered = blob.content();
    return remembered != null
        ? remembered
        : MapFile.read(directory.mapFile(blob.digest()), blob.digest(), keys);
  }

  @Override
  public List<BlobSummary> list() {
    List<BlobSummary> summaries = new ArrayList<>();
    for (KnownBlob blob : blobs.values()) {
      if (!blob.isDoomed()) {
        summaries.add(
            new BlobSummary(
                blob.digest(), blob.layout().size(), blob.layout().count(), blob.heldCount()));
      }
    }
    return summaries;
  }

  @Override
  public void delete(Digest digest) throws IOException {
    ensureOpen();
    removal.delete(digest);
  }

  @Override
  public void countHoldersBy(ToIntFunction<Digest> counts) {
    otherHolders = counts;
  }

  @Override
  public List<Digest> nextToGo(int most) {
    return quota.nextToGo(most);
  }

  /** Evicts something, after the disk was found full. */
  boolean makeRoom() throws IOException {
    return quota.makeRoom(ROOM_BYTES);
  }

  /** The bytes of a piece are in the file. */
  void written(KnownBlob blob, int piece) throws IOException {
    ensureOpen();
    blob.markWritten(piece);
    sync.add(blob);
    metrics.written.increment(blob.layout().length(piece));
  }

  /** A claim is given back. */
  void release(KnownBlob blob) {
    if (blob.release(uses.use())) {
      try {
        removal.deleteDoomed(blob);
      } catch (IOException e) {
        log.warn("Deleting blob {} failed; the next start tries again", blob.digest(), e);
      }
    }
  }

  /** Turns the kernel's word for a full disk into ours. */
  IOException explained(String attempt, IOException e) {
    if (e instanceof StoreFullException || !DiskFull.is(e)) {
      return e;
    }
    metrics.full.increment();
    return new StoreFullException(
        "cannot "
            + attempt
            + ": the disk that holds "
            + config.root()
            + " is full ("
            + e.getMessage()
            + ") and every blob left is in use; free some space or lower the store's quota",
        e);
  }

  @Override
  public CompletableFuture<Void> recovered() {
    return recovered.copy();
  }

  @Override
  public long bytesHeld() {
    return tally.held();
  }

  int blobCount() {
    return blobs.size();
  }

  /** Forces what was written so far to the disk. */
  void sync() throws IOException {
    sync.run();
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    metrics.unwatch();
    syncClock.close();
    verifier.close();
    try (StoreLock released = lock;
        BlobPins unused = pins;
        PieceIndex closing = index) {
      sync.run();
      log.debug("Closing {}, {} and {}", closing, unused, released);
    }
  }

  private void ensureOpen() throws IOException {
    if (closed) {
      throw new IOException("the piece store " + config.root() + " is closed");
    }
  }
}
