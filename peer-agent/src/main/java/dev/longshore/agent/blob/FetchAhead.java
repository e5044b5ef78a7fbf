package dev.longshore.agent.blob;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.oci.Digest;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the small blobs of an image, all together, as soon as its manifest was asked for: the
 * client will ask for them within milliseconds, a few at a time, and what each costs is round trips
 * and not bytes.
 *
 * <p>What finds no room here is left for its own request, so a manifest of any length takes no more
 * than what the constants say. Thread-safe.
 */
public final class FetchAhead implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FetchAhead.class);

  /** Blobs of one manifest; images have 127 layers at most (overlayfs). */
  static final int MOST_OF_ONE = 128;

  /** Blobs under way, of all manifests. */
  static final int MOST_TOGETHER = 256;

  /**
   * Reads at registries at a time, of all manifests: a client by itself makes three, but of large
   * ones.
   */
  static final int MOST_READS = 16;

  /** A manifest that is asked for again within this time has its blobs already, or they failed. */
  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private static final long MOST_REMEMBERED = 1_000;

  /** Gets blobs into the store. */
  @FunctionalInterface
  public interface Fetch {
    /** Returns once it is there. */
    void fetch(BlobAtSource blob, Priority priority) throws IOException, InterruptedException;

    /** These are about to be fetched, each by itself; told before the first is. */
    default void expect(List<? extends BlobAtSource> blobs) {}
  }

  private final Fetch fetch;
  private final Semaphore room = new Semaphore(MOST_TOGETHER);
  private final Semaphore reads = new Semaphore(MOST_READS);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("fetch-ahead-", 0).factory());
  private final Cache<Digest, Boolean> lately =
      Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterWrite(REMEMBERED).build();

  public FetchAhead(Fetch fetch) {
    this.fetch = fetch;
  }

  /** Whether blobs of a manifest that is asked for now are to be fetched. */
  public boolean begins(Digest manifest) {
    return lately.asMap().putIfAbsent(manifest, true) == null;
  }

  /** Begins to fetch those of these blobs that are small, and returns at once. */
  public void fetch(List<? extends BlobAtSource> blobs) {
    List<BlobAtSource> small = new ArrayList<>();
    for (BlobAtSource blob : blobs) {
      if (LonePieceMap.isPossible(blob.digest(), blob.size())) {
        if (small.size() == MOST_OF_ONE || !room.tryAcquire()) {
          break;
        }
        small.add(blob);
      }
    }
    try {
      fetch.expect(small);
    } finally {
      small.forEach(this::start); // which gives the room back
    }
  }

  private void start(BlobAtSource blob) {
    try {
      threads.execute(() -> {
        try {
          // As urgent as the pull that it is part of.
          fetch.fetch(new Few(blob), Priority.FOREGROUND);
        } catch (IOException | RuntimeException e) {
          // Whoever asks for it finds out by himself, and is told.
          log.debug("{} was not fetched ahead", blob.digest(), e);
        } catch (InterruptedException e) {
          log.debug("{} is not fetched ahead: the agent stops", blob.digest());
        } finally {
          room.release();
        }
      });
    } catch (RejectedExecutionException e) {
      room.release();
    }
  }

  /** A blob of which few are read at their registries at the same time. */
  private final class Few implements BlobAtSource {
    private final BlobAtSource blob;

    Few(BlobAtSource blob) {
      this.blob = blob;
    }

    @Override
    public InputStream read(long offset, long length) throws IOException {
      try {
        reads.acquire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the agent stops");
      }
      InputStream opened = null;
      try {
        opened = blob.read(offset, length);
      } finally {
        if (opened == null) {
          reads.release();
        }
      }
      return new FilterInputStream(opened) {
        private boolean closed;

        @Override
        public void close() throws IOException {
          if (!closed) {
            closed = true;
            reads.release();
            super.close();
          }
        }
      };
    }

    @Override
    public Digest digest() {
      return blob.digest();
    }

    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public SourceRef source() {
      return blob.source();
    }

    @Override
    public Optional<SignedPieceMap> pieces() throws IOException {
      return blob.pieces();
    }
  }

  /** Stops what is under way. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
