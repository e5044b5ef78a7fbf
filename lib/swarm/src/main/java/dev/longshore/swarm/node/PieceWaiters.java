package dev.longshore.swarm.node;

import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Readers that wait for pieces of one download. Thread-safe. */
final class PieceWaiters {
  /** One reader; equal to itself only. */
  private static final class Waiter {
    final CompletableFuture<Void> stored = new CompletableFuture<>();
  }

  private final Map<Integer, List<Waiter>> byPiece = new HashMap<>();
  private @Nullable IOException over;

  /** Blocks until the blob has the piece; call from virtual threads. */
  void await(StoredBlob blob, int piece) throws IOException, InterruptedException {
    Waiter waiter = register(blob, piece);
    if (waiter == null) {
      return;
    }
    try {
      waiter.stored.get();
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } finally {
      forget(piece, waiter);
    }
  }

  private synchronized @Nullable Waiter register(StoredBlob blob, int piece) throws IOException {
    if (blob.has(piece)) {
      return null;
    }
    if (over != null) {
      throw rethrown(over);
    }
    Waiter waiter = new Waiter();
    byPiece.computeIfAbsent(piece, _ -> new ArrayList<>(1)).add(waiter);
    return waiter;
  }

  private synchronized void forget(int piece, Waiter waiter) {
    List<Waiter> those = byPiece.get(piece);
    if (those != null && those.remove(waiter) && those.isEmpty()) {
      byPiece.remove(piece);
    }
  }

  void stored(int piece) {
    List<Waiter> those;
    synchronized (this) {
      those = byPiece.remove(piece);
    }
    if (those != null) {
      those.forEach(waiter -> waiter.stored.complete(null));
    }
  }

  /** Nothing more will be stored. */
  void over(IOException reason) {
    List<Waiter> all = new ArrayList<>();
    synchronized (this) {
      over = reason;
      byPiece.values().forEach(all::addAll);
      byPiece.clear();
    }
    all.forEach(waiter -> waiter.stored.completeExceptionally(reason));
  }

  /** A fresh exception, so that the trace shows who waited. */
  private static IOException rethrown(@Nullable Throwable reason) {
    String message = String.valueOf(reason == null ? null : reason.getMessage());
    IOException fresh =
        reason instanceof DownloadFailedException
            ? new DownloadFailedException(message)
            : new IOException(message);
    if (reason != null) {
      fresh.initCause(reason);
    }
    return fresh;
  }
}
