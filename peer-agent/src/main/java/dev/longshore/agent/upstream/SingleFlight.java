package dev.longshore.agent.upstream;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/** Does a piece of blocking work once for all who ask for it at the same time. */
final class SingleFlight<K, V> {

  /** The work. */
  @FunctionalInterface
  interface Work<V> {
    V run() throws IOException, InterruptedException;
  }

  private final ConcurrentHashMap<K, CompletableFuture<V>> running = new ConcurrentHashMap<>();

  /**
   * The result of the work: of this call's, or of one that is running already. The work runs on a
   * thread of its own, so a caller that is interrupted takes nothing from the others.
   */
  V get(K key, Work<V> work) throws IOException, InterruptedException {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> first = running.putIfAbsent(key, mine);
    if (first == null) {
      Thread.ofVirtual().name("single-flight").start(() -> run(key, work, mine));
      first = mine;
    }
    try {
      return first.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IOException(e.getCause());
      }
    }
  }

  private void run(K key, Work<V> work, CompletableFuture<V> result) {
    try {
      V value = work.run();
      running.remove(key, result);
      result.complete(value);
    } catch (InterruptedException | IOException | RuntimeException | Error e) {
      running.remove(key, result);
      result.completeExceptionally(e);
    }
  }
}
