package dev.longshore.origin.metadata;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Reads on platform threads, each with a connection of its own: a native call would hold the
 * carrier of a virtual thread.
 */
final class ReaderPool {
  private final ExecutorService threads;
  private final BlockingQueue<Handle> handles = new LinkedBlockingQueue<>();
  private final List<Handle> all;

  ReaderPool(List<Handle> handles) {
    this.all = new ArrayList<>(handles);
    this.handles.addAll(handles);
    this.threads =
        Executors.newFixedThreadPool(
            handles.size(), Thread.ofPlatform().name("origin-metadata-reader-", 0).factory());
  }

  <T extends @Nullable Object> T read(Function<Handle, T> query)
      throws IOException, InterruptedException, ExecutionException {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      threads.execute(() -> answer(query, result));
    } catch (RejectedExecutionException e) {
      throw new IOException("the metadata is closed", e);
    }
    return result.get();
  }

  void close() {
    threads.shutdown();
    try {
      // A query takes milliseconds; one that hangs must not keep the process from ending.
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(Handle::close);
  }

  private <T extends @Nullable Object> void answer(
      Function<Handle, T> query, CompletableFuture<T> result) {
    // As many handles as threads: there is always one.
    Handle handle = handles.remove();
    try {
      result.complete(query.apply(handle));
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    } finally {
      handles.add(handle);
    }
  }
}
