package dev.longshore.origin.registry;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A cache in front of rows: misses are single-flight, and what is not there is not remembered.
 *
 * <p>Writers commit first and then {@link #invalidate}. A load that began before the commit may
 * still answer those who wait for it, but is thrown away: an invalidated entry takes its unfinished
 * load with it. So nobody who asks after a writer was answered sees the old value.
 */
final class ReadThrough<K, V> {

  /** Loads one value; empty when it does not exist. */
  @FunctionalInterface
  interface Loader<K, V> {
    Optional<V> load(K key) throws IOException, InterruptedException;
  }

  private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);

  private final AsyncCache<K, V> cache;
  private final Loader<K, V> loader;

  ReadThrough(long maximumWeight, Weigher<K, V> weigher, Loader<K, V> loader) {
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(maximumWeight)
            .weigher(weigher)
            .recordStats()
            .buildAsync();
    this.loader = loader;
  }

  /** The value if it is in memory. Never blocks. */
  @Nullable V ifPresent(K key) {
    CompletableFuture<V> present = cache.getIfPresent(key);
    return present == null || !present.isDone() || present.isCompletedExceptionally()
        ? null
        : present.getNow(null);
  }

  /** The value, loaded when it is not in memory. */
  Optional<V> get(K key) throws IOException, InterruptedException {
    try {
      return Optional.ofNullable(future(key).get());
    } catch (ExecutionException e) {
      throw failure(key, e);
    }
  }

  /**
   * The same within some time.
   *
   * @throws TimeoutException if it takes longer; the load goes on
   */
  Optional<V> get(K key, Duration patience)
      throws IOException, InterruptedException, TimeoutException {
    try {
      return Optional.ofNullable(future(key).get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      throw failure(key, e);
    }
  }

  private CompletableFuture<V> future(K key) {
    return cache.get(
        key, (missing, executor) -> CompletableFuture.supplyAsync(() -> load(missing), VIRTUAL));
  }

  private static IOException failure(Object key, ExecutionException e) {
    return e.getCause() instanceof IOException failure
        ? failure
        : new IOException("cannot load " + key, e.getCause());
  }

  /** Forgets a value. Never blocks. */
  void invalidate(K key) {
    cache.synchronous().invalidate(key);
  }

  CacheStats stats() {
    return cache.synchronous().stats();
  }

  // Caffeine takes null for "nothing to cache" from a future, which its types cannot say.
  @SuppressWarnings("NullAway")
  private V load(K key) {
    try {
      return loader.load(key).orElse(null);
    } catch (IOException e) {
      throw new CompletionException(e);
    } catch (InterruptedException e) {
      throw new CompletionException(new IOException("interrupted while loading " + key, e));
    }
  }
}
