package dev.longshore.oci.layout;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** Runs transfers on virtual threads, a few at a time; the first failure ends the others. */
final class ParallelTransfers {

  /** One transfer. */
  @FunctionalInterface
  interface Transfer {
    void run() throws IOException;
  }

  private ParallelTransfers() {}

  static void run(List<Transfer> transfers, int parallel) throws IOException {
    Semaphore slots = new Semaphore(parallel);
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    // Closing waits until the interrupted ones have ended: nothing writes after we return.
    try (executor) {
      CompletionService<Void> running = new ExecutorCompletionService<>(executor);
      int submitted = 0;
      for (Transfer transfer : transfers) {
        var _ =
            running.submit(() -> {
              slots.acquire();
              try {
                transfer.run();
              } finally {
                slots.release();
              }
              return null;
            });
        submitted++;
      }
      try {
        for (int i = 0; i < submitted; i++) {
          running.take().get();
        }
      } catch (ExecutionException e) {
        executor.shutdownNow();
        throw unwrapped(e);
      } catch (InterruptedException e) {
        executor.shutdownNow();
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted during the transfer");
      }
    }
  }

  private static IOException unwrapped(ExecutionException failure) {
    return switch (failure.getCause()) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> new IOException("a transfer failed: " + failure.getCause(), failure);
    };
  }
}
