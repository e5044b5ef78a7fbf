package dev.longshore.seeder;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs to fetch: a few at a time, each once however often it is wanted, and again after a
 * growing pause when it fails. Thread-safe.
 */
final class SeedQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SeedQueue.class);

  /** More wishes than this are not remembered; trackers repeat themselves. */
  private static final int MOST = 10_000;

  private static final int ATTEMPTS = 6;

  /** Fetches a blob, to the end. */
  @FunctionalInterface
  interface Fetcher {
    void fetch(WantedBlob blob) throws IOException, InterruptedException;
  }

  enum State {
    WAITING,
    RUNNING,
    SEEDED,
    /** Will be tried again. */
    FAILED,
    /** Tried often enough; a new wish starts over. */
    GIVEN_UP
  }

  /** One blob's line in {@code /debug}. */
  record Report(
      String digest,
      long size,
      String source,
      String state,
      int attempts,
      @Nullable String lastFailure) {}

  private static final class Entry {
    final WantedBlob blob;
    State state = State.WAITING;
    int attempts;
    @Nullable String lastFailure;

    Entry(WantedBlob blob) {
      this.blob = blob;
    }
  }

  private final int parallel;
  private final Duration firstPause;
  private final Fetcher fetcher;
  private final SeederMetrics metrics;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("seed-retries").factory());
  private final Map<Digest, Entry> entries = new LinkedHashMap<>(); // guarded by this
  private final List<Thread> threads = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  /**
   * A queue.
   *
   * @param firstPause before the second attempt; quadruples from there
   */
  SeedQueue(int parallel, Duration firstPause, Fetcher fetcher, SeederMetrics metrics) {
    this.parallel = parallel;
    this.firstPause = firstPause;
    this.fetcher = fetcher;
    this.metrics = metrics;
    metrics.watch(() -> count(State.WAITING) + count(State.FAILED), () -> count(State.RUNNING));
  }

  /**
   * Somebody wants a blob. One that was seeded is looked at again: it may have been evicted, or its
   * map forgotten by a tracker.
   */
  synchronized void want(WantedBlob blob) {
    metrics.wanted.increment();
    Entry known = entries.get(blob.digest());
    if (known != null && (known.state == State.WAITING || known.state == State.RUNNING)) {
      return;
    }
    if (known == null && !makeRoom()) {
      log.warn("{} is wanted, but {} blobs are waiting already", blob.digest(), MOST);
      return;
    }
    entries.remove(blob.digest());
    entries.put(blob.digest(), new Entry(blob));
    startNext();
  }

  synchronized List<Report> reports() {
    return entries.values().stream()
        .map(entry ->
            new Report(
                entry.blob.digest().toString(),
                entry.blob.size(),
                entry.blob.source().toString(),
                entry.state.name().toLowerCase(Locale.ROOT),
                entry.attempts,
                entry.lastFailure))
        .toList();
  }

  private synchronized int count(State state) {
    return Math.toIntExact(entries.values().stream().filter(entry -> entry.state == state).count());
  }

  private boolean makeRoom() {
    Iterator<Entry> oldest = entries.values().iterator();
    while (entries.size() >= MOST && oldest.hasNext()) {
      State state = oldest.next().state;
      if (state == State.SEEDED || state == State.GIVEN_UP) {
        oldest.remove();
      }
    }
    return entries.size() < MOST;
  }

  private synchronized void startNext() {
    int running = count(State.RUNNING);
    for (Entry entry : entries.values()) {
      if (closed || running >= parallel) {
        return;
      }
      if (entry.state == State.WAITING) {
        entry.state = State.RUNNING;
        entry.attempts++;
        running++;
        threads.add(
            Thread.ofVirtual()
                .name("seed-" + entry.blob.digest().hex().substring(0, 12))
                .start(() -> run(entry)));
      }
    }
  }

  private void run(Entry entry) {
    @Nullable Exception failure = null;
    try {
      fetcher.fetch(entry.blob);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = e;
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    synchronized (this) {
      threads.remove(Thread.currentThread());
      if (closed) {
        return;
      }
      if (failure == null) {
        entry.state = State.SEEDED;
        entry.lastFailure = null;
        metrics.seeded.increment();
      } else {
        failed(entry, failure);
      }
      startNext();
    }
  }

  private void failed(Entry entry, Exception failure) {
    metrics.failed.increment();
    entry.lastFailure = String.valueOf(failure.getMessage());
    if (entry.attempts >= ATTEMPTS) {
      entry.state = State.GIVEN_UP;
      log.warn(
          "{} of {} is given up after {} attempts: {}",
          entry.blob.digest(),
          entry.blob.source(),
          entry.attempts,
          entry.lastFailure,
          failure);
      return;
    }
    entry.state = State.FAILED;
    long pause = firstPause.toMillis() << (2 * (entry.attempts - 1));
    log.warn(
        "{} of {} failed, attempt {}, next in {} ms: {}",
        entry.blob.digest(),
        entry.blob.source(),
        entry.attempts,
        pause,
        entry.lastFailure);
    try {
      var _ = timer.schedule(() -> retry(entry), pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("closing: {} is not tried again", entry.blob.digest(), e);
    }
  }

  private synchronized void retry(Entry entry) {
    if (entry.state == State.FAILED) {
      entry.state = State.WAITING;
      startNext();
    }
  }

  @Override
  public void close() {
    List<Thread> running;
    synchronized (this) {
      closed = true;
      running = List.copyOf(threads);
    }
    timer.shutdownNow();
    running.forEach(Thread::interrupt);
    try {
      for (Thread thread : running) {
        thread.join(Duration.ofSeconds(5));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
