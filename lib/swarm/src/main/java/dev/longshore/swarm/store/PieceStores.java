package dev.longshore.swarm.store;

import dev.longshore.piece.TrustedKeys;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens piece stores. */
public final class PieceStores {
  private static final Logger log = LoggerFactory.getLogger(PieceStores.class);

  private PieceStores() {}

  /**
   * Opens the store in a folder, or creates it. What a previous process left there is reported as
   * held once it is proven; {@link PieceStore#recovered} says when all of it is.
   *
   * @param keys whose signatures on stored maps are believed; without them, {@link
   *     StoredBlob#signedMap} of a blob from an earlier run is empty
   * @param clock for the last use of a blob
   * @param metrics where the counters of {@link StoreMetrics} go
   * @throws StoreFullException if the disk has no room even for the index
   * @throws IOException if another process has the store open, or the folder cannot be used
   */
  public static PieceStore open(
      StoreConfig config, @Nullable TrustedKeys keys, InstantSource clock, MeterRegistry metrics)
      throws IOException {
    return open(
        config, keys, clock, metrics, () -> IndexFile.open(config.root(), config.indexEntries()));
  }

  /**
   * Opens the store of another process on this machine, to read from it.
   *
   * <p>The kernel user must be able to write there as well, or the owner does not learn what is
   * used; what is open is kept from eviction in any case.
   *
   * @param root the owner's {@link StoreConfig#root}
   * @throws IOException if there is no store, or this process owns it or has it open already
   */
  public static SharedStore openShared(Path root) throws IOException {
    return SharedFileStore.open(root);
  }

  static FilePieceStore open(
      StoreConfig config,
      @Nullable TrustedKeys keys,
      InstantSource clock,
      MeterRegistry metrics,
      PieceIndex.Opener opener)
      throws IOException {
    Files.createDirectories(config.root());
    StoreLock lock = StoreLock.take(config.root());
    BlobPins pins = null;
    PieceIndex index = null;
    FilePieceStore store;
    try {
      pins = BlobPins.own(config.root());
      index = opener.open();
      store = new FilePieceStore(config, keys, clock, new StoreMetrics(metrics), lock, pins, index);
    } catch (IOException | RuntimeException e) {
      try (lock;
          BlobPins unused = pins;
          PieceIndex abandoned = index) {
        log.debug("Giving up {} and {}", abandoned, unused);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      if (e instanceof IOException full && DiskFull.is(full)) {
        throw new StoreFullException(
            "cannot open the piece store " + config.root() + ": its disk is full", full);
      }
      throw e;
    }
    awaitRecovery(store, config.recoveryPatience());
    return store;
  }

  /** Most stores are proven in a moment, and then answer right from the start. */
  private static void awaitRecovery(FilePieceStore store, Duration patience) {
    try {
      store.recovered().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.info("Pieces of an earlier run are still being hashed; they count as missing until then");
      log.trace("Out of patience", e);
    } catch (ExecutionException e) {
      log.error("Hashing the pieces of an earlier run failed; they count as missing", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
