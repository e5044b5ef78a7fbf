package dev.longshore.oci.http;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connections that wait for their next request, for a while. Thread-safe. */
final class IdleConnections {
  private static final int MOST = 16;

  private record Idle(Connection connection, long since) {}

  private final long patience;
  private final Deque<Idle> newestFirst = new ArrayDeque<>();
  private boolean sweeping;

  IdleConnections(Duration patience) {
    this.patience = patience.toNanos();
  }

  /** One to this target, null when none waits. */
  @Nullable Connection take(Target target) {
    Connection taken = remove(target);
    while (taken != null && taken.hasUnread()) {
      drop(taken); // what came unasked would be taken for the next answer
      taken = remove(target);
    }
    return taken;
  }

  private synchronized @Nullable Connection remove(Target target) {
    for (Idle idle : newestFirst) {
      if (idle.connection.target().equals(target)) {
        newestFirst.remove(idle);
        return idle.connection;
      }
    }
    return null;
  }

  /** Ownership passes. */
  void put(Connection connection) {
    Connection tooMany;
    synchronized (this) {
      newestFirst.addFirst(new Idle(connection, System.nanoTime()));
      tooMany = newestFirst.size() > MOST ? newestFirst.removeLast().connection : null;
      if (!sweeping) {
        sweeping = true;
        sweepLater();
      }
    }
    if (tooMany != null) {
      drop(tooMany);
    }
  }

  private void sweepLater() {
    CompletableFuture.delayedExecutor(patience, TimeUnit.NANOSECONDS).execute(this::sweep);
  }

  private void sweep() {
    List<Connection> old = new ArrayList<>();
    synchronized (this) {
      long now = System.nanoTime();
      while (!newestFirst.isEmpty() && now - newestFirst.getLast().since >= patience) {
        old.add(newestFirst.removeLast().connection);
      }
      sweeping = !newestFirst.isEmpty();
      if (sweeping) {
        sweepLater();
      }
    }
    old.forEach(IdleConnections::drop);
  }

  static void drop(Connection connection) {
    try {
      connection.close();
    } catch (IOException _) {
      // nobody uses it: it is gone either way
    }
  }
}
