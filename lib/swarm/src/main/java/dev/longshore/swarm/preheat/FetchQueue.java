package dev.longshore.swarm.preheat;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.store.StoreFullException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs to fetch: a few at a time, the urgent ones first, each once however often it is wanted,
 * and again after a growing pause when it fails. Thread-safe.
 */
public final class FetchQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FetchQueue.class);

  /** More wishes than this are not remembered; who wants something repeats itself. */
  private static final int MOST = 10_000;

  /** Fetches a blob, to the end. */
  @FunctionalInterface
  public interface Fetch {
    void run(Priority priority) throws IOException, InterruptedException;

    /** What is being fetched is more urgent now. Called on a thread of its own. */
    default void raise(Priority to) {}
  }

  /** Hears what happens, to count it. */
  public interface Listener {
    void wanted();

    /** An attempt ended. */
    void ended(boolean well);
  }

  /** How a blob stands. */
  public enum State {
    WAITING,
    RUNNING,
    DONE,
    /** Will be tried again. */
    FAILED,
    /** Tried often enough, or to no purpose; a new wish starts over. */
    GIVEN_UP;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One blob's line in {@code /debug}.
   *
   * @param source {@code registry/repository}
   * @param lastFailure why the last attempt failed, null when it did not
   */
  public record Report(
      String digest,
      long size,
      String source,
      State state,
      int attempts,
      @Nullable String lastFailure) {}

  private static final class Entry {
    final Digest digest;
    final long size;
    final SourceRef source;
    Fetch fetch;
    Priority priority;
    State state = State.WAITING;
    int attempts;
    @Nullable String lastFailure;

    Entry(Digest digest, long size, SourceRef source, Priority priority, Fetch fetch) {
      this.digest = digest;
      this.size = size;
      this.source = source;
      this.priority = priority;
      this.fetch = fetch;
    }

    Report report() {
      return new Report(digest.toString(), size, source.toString(), state, attempts, lastFailure);
    }
  }

  private final int parallel;
  private final int mostAttempts;
  private final Duration firstPause;
  private final Listener listener;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("fetch-retries").factory());
  private final Map<Digest, Entry> entries = new LinkedHashMap<>(); // guarded by this
  private final List<Thread> threads = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  /**
   * A queue.
   *
   * @param parallel most blobs fetched at a time; those that are less urgent do not count
   * @param mostAttempts before a blob is given up
   * @param firstPause before the second attempt; quadruples from there
   */
  public FetchQueue(int parallel, int mostAttempts, Duration firstPause, Listener listener) {
    this.parallel = parallel;
    this.mostAttempts = mostAttempts;
    this.firstPause = firstPause;
    this.listener = listener;
  }

  /**
   * Somebody wants a blob. One that is done is looked at again: it may have been evicted, or its
   * map forgotten by a tracker. For one that is under way only the way to fetch it is renewed, for
   * the next attempt, and it becomes as urgent as the most urgent wish.
   *
   * @return false if so many others are waiting that this one is not remembered
   */
  public synchronized boolean want(
      Digest digest, long size, SourceRef source, Priority priority, Fetch fetch) {
    listener.wanted();
    Entry known = entries.get(digest);
    if (known != null && known.state != State.DONE && known.state != State.GIVEN_UP) {
      known.fetch = fetch;
      raise(known, priority);
      if (known.state == State.FAILED) {
        retry(known); // whoever wants it anew does not want to wait for the pause to end
      }
      return true;
    }
    if (known == null && !makeRoom()) {
      log.warn("{} is wanted, but {} blobs are waiting already", digest, MOST);
      return false;
    }
    entries.remove(digest);
    entries.put(digest, new Entry(digest, size, source, priority, fetch));
    startNext();
    return true;
  }

  /** Every blob that is remembered. */
  public synchronized List<Report> reports() {
    return entries.values().stream().map(Entry::report).toList();
  }

  /** One blob; empty when it is not remembered. */
  public synchronized Optional<Report> report(Digest digest) {
    return Optional.ofNullable(entries.get(digest)).map(Entry::report);
  }

  /** Blobs that wait for their turn, or to be tried again. */
  public int waiting() {
    return count(State.WAITING) + count(State.FAILED);
  }

  /** Blobs that are being fetched. */
  public int running() {
    return count(State.RUNNING);
  }

  private synchronized int count(State state) {
    return Math.toIntExact(entries.values().stream().filter(entry -> entry.state == state).count());
  }

  private boolean makeRoom() {
    Iterator<Entry> oldest = entries.values().iterator();
    while (entries.size() >= MOST && oldest.hasNext()) {
      State state = oldest.next().state;
      if (state == State.DONE || state == State.GIVEN_UP) {
        oldest.remove();
      }
    }
    return entries.size() < MOST;
  }

  private void raise(Entry entry, Priority to) {
    if (!to.isAbove(entry.priority)) {
      return;
    }
    entry.priority = to;
    if (entry.state == State.WAITING) {
      startNext();
    } else if (entry.state == State.RUNNING) {
      Fetch fetch = entry.fetch;
      var _ = Thread.ofVirtual().name("fetch-raise").start(() -> fetch.raise(to));
    }
  }

  private synchronized void startNext() {
    int[] running = new int[Priority.values().length];
    int[] waiting = new int[running.length];
    for (Entry entry : entries.values()) {
      running[entry.priority.rank()] += entry.state == State.RUNNING ? 1 : 0;
      waiting[entry.priority.rank()] += entry.state == State.WAITING ? 1 : 0;
    }
    int free = closed ? 0 : parallel;
    for (Priority priority : Priority.values()) {
      free -= running[priority.rank()];
      if (waiting[priority.rank()] > 0) {
        free -= start(priority, free);
      }
    }
  }

  /** Starts the first blobs of a priority that wait, and says how many. */
  private int start(Priority priority, int most) {
    int started = 0;
    for (Entry entry : entries.values()) {
      if (started >= most) {
        break;
      }
      if (entry.state == State.WAITING && entry.priority == priority) {
        start(entry);
        started++;
      }
    }
    return started;
  }

  private void start(Entry entry) {
    entry.state = State.RUNNING;
    entry.attempts++;
    threads.add(
        Thread.ofVirtual()
            .name("fetch-" + entry.digest.hex().substring(0, 12))
            .start(() -> run(entry)));
  }

  private void run(Entry entry) {
    @Nullable Exception failure = null;
    try {
      Fetch fetch;
      Priority priority;
      synchronized (this) {
        fetch = entry.fetch;
        priority = entry.priority;
      }
      fetch.run(priority);
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
        entry.state = State.DONE;
        entry.lastFailure = null;
        listener.ended(true);
      } else {
        failed(entry, failure);
      }
      startNext();
    }
  }

  private void failed(Entry entry, Exception failure) {
    listener.ended(false);
    entry.lastFailure = String.valueOf(failure.getMessage());
    if (entry.attempts >= mostAttempts || isPermanent(failure)) {
      entry.state = State.GIVEN_UP;
      log.warn(
          "{} of {} is given up after {} attempts: {}",
          entry.digest,
          entry.source,
          entry.attempts,
          entry.lastFailure,
          failure);
      return;
    }
    entry.state = State.FAILED;
    long pause = firstPause.toMillis() << (2 * (entry.attempts - 1));
    log.warn(
        "{} of {} failed, attempt {}, next in {} ms: {}",
        entry.digest,
        entry.source,
        entry.attempts,
        pause,
        entry.lastFailure);
    try {
      var _ = timer.schedule(() -> retry(entry), pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("closing: {} is not tried again", entry.digest, e);
    }
  }

  /** Whether another attempt would end the same: it is for whoever wants the blob to act. */
  private static boolean isPermanent(Exception failure) {
    return failure instanceof SourceDeniedException
        || failure instanceof StoreFullException
        || failure.getCause() instanceof StoreFullException;
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
