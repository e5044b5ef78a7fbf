package dev.longshore.origin.metadata;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of a SQLite database, on a thread of its own: writes that arrive while it commits
 * share the next transaction, hence one disk sync.
 *
 * <p>Each write runs in a savepoint, so that one that fails undoes itself alone. The caller gets
 * its result after the commit. The thread owns the handle.
 */
final class GroupCommitWriter {
  private static final Logger log = LoggerFactory.getLogger(GroupCommitWriter.class);
  private static final int LARGEST_GROUP = 256;

  /** Whether a write must outlive a loss of power (it always outlives a crash of the process). */
  enum Durability {
    POWER_LOSS,
    CRASH
  }

  /** One write: runs inside a transaction. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(Handle handle) throws Exception;
  }

  private final Handle handle;
  private final BlockingQueue<Write<?>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean syncing = true;

  GroupCommitWriter(Handle handle) {
    this.handle = handle;
    this.thread = Thread.ofPlatform().name("origin-metadata-writer").start(this::run);
  }

  /** Runs a write and waits for its commit; what it throws comes out of the future. */
  <T extends @Nullable Object> T write(Durability durability, Work<T> work)
      throws IOException, InterruptedException, ExecutionException {
    Write<T> write = new Write<>(durability, work);
    synchronized (queue) {
      if (!thread.isAlive()) {
        throw new IOException("the metadata is closed");
      }
      queue.add(write);
    }
    return write.result.get();
  }

  /** Commits what was asked for until now, then stops the thread and closes the handle. */
  void close() {
    synchronized (queue) {
      queue.add(new Write<>(Durability.CRASH, null));
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // the database must be closed all the same
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Write<?>> group = new ArrayList<>();
    boolean open = true;
    try (handle) {
      while (open) {
        group.clear();
        group.add(queue.take());
        queue.drainTo(group, LARGEST_GROUP - 1);
        open = group.stream().noneMatch(Write::isLast);
        group.removeIf(Write::isLast);
        commit(group);
      }
    } catch (InterruptedException e) {
      log.error("the metadata writer was interrupted, which nobody should do", e);
    } finally {
      IOException closed = new IOException("the metadata was closed before this write");
      queue.forEach(write -> write.result.completeExceptionally(closed));
    }
  }

  private void commit(List<Write<?>> group) {
    try {
      boolean sync = group.stream().anyMatch(write -> write.durability == Durability.POWER_LOSS);
      if (sync != syncing) {
        handle.execute("PRAGMA synchronous = " + (sync ? "FULL" : "NORMAL"));
        syncing = sync;
      }
      handle.execute("BEGIN IMMEDIATE");
      for (Write<?> write : group) {
        write.runIn(handle);
      }
      handle.execute("COMMIT");
      group.forEach(Write::committed);
    } catch (RuntimeException | Error e) {
      // The disk is full or broken, and SQLite may have rolled back everything by itself.
      rollBack(e);
      group.forEach(write -> write.result.completeExceptionally(e));
    }
  }

  private void rollBack(Throwable cause) {
    try {
      handle.execute("ROLLBACK");
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
      log.debug("nothing to roll back", e);
    }
  }

  private static final class Write<T extends @Nullable Object> {
    private final Durability durability;
    private final @Nullable Work<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private @Nullable Runnable outcome;

    Write(Durability durability, @Nullable Work<T> work) {
      this.durability = durability;
      this.work = work;
    }

    boolean isLast() {
      return work == null;
    }

    void runIn(Handle handle) {
      Work<T> task = work;
      if (task == null) {
        return;
      }
      handle.execute("SAVEPOINT one_write");
      try {
        T value = task.run(handle);
        outcome = () -> result.complete(value);
      } catch (Exception e) {
        undo(handle, e);
        outcome = () -> result.completeExceptionally(e);
      }
      handle.execute("RELEASE one_write");
    }

    private static void undo(Handle handle, Exception cause) {
      try {
        handle.execute("ROLLBACK TO one_write");
      } catch (RuntimeException e) {
        // After some errors, a full disk among them, SQLite has rolled back the whole transaction
        // by itself (https://www.sqlite.org/lang_transaction.html, section 3): the group is lost.
        GroupLostException lost = new GroupLostException(cause);
        lost.addSuppressed(e);
        throw lost;
      }
    }

    void committed() {
      if (outcome != null) {
        outcome.run();
      }
    }
  }

  /** One write took the whole transaction with it. */
  private static final class GroupLostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    GroupLostException(Exception cause) {
      super("a write in the same transaction failed: " + cause.getMessage(), cause);
    }
  }
}
