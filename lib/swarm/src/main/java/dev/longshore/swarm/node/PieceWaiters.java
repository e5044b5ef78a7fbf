package dev.longshore.swarm.node;

import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Readers that wait for pieces of one download. Thread-safe. */
final class PieceWaiters {
  private final Map<Integer, List<CompletableFuture<Void>>> byPiece = new HashMap<>();
  private @Nullable IOException over;

  /** Completes once the blob has the piece; one that is cancelled is forgotten. */
  CompletableFuture<Void> arrival(StoredBlob blob, int piece) {
    CompletableFuture<Void> arrival = new CompletableFuture<>();
    synchronized (this) {
      if (blob.has(piece)) {
        arrival.complete(null);
        return arrival;
      }
      if (over != null) {
        arrival.completeExceptionally(over);
        return arrival;
      }
      byPiece.computeIfAbsent(piece, _ -> new ArrayList<>(1)).add(arrival);
    }
    var _ = arrival.whenComplete((stored, failure) -> forget(piece, arrival));
    return arrival;
  }

  @SuppressWarnings("ReferenceEquality") // a future equals itself only
  private synchronized void forget(int piece, CompletableFuture<Void> arrival) {
    List<CompletableFuture<Void>> those = byPiece.get(piece);
    if (those != null && those.removeIf(each -> each == arrival) && those.isEmpty()) {
      byPiece.remove(piece);
    }
  }

  void stored(int piece) {
    List<CompletableFuture<Void>> those;
    synchronized (this) {
      those = byPiece.remove(piece);
    }
    if (those != null) {
      those.forEach(arrival -> arrival.complete(null));
    }
  }

  /** Nothing more will be stored. */
  void over(IOException reason) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    synchronized (this) {
      over = reason;
      byPiece.values().forEach(all::addAll);
      byPiece.clear();
    }
    all.forEach(arrival -> arrival.completeExceptionally(reason));
  }
}
