package dev.longshore.service;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Closes what was opened, last first, all of it, whatever fails. Not thread-safe. */
public final class Closer {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Has this closed before everything that was registered earlier, and returns it. */
  public <T extends AutoCloseable> T register(T resource) {
    opened.push(resource);
    return resource;
  }

  /**
   * Closes everything; a second call has nothing left to do.
   *
   * @throws IOException that names the first that failed to close; the others' failures are
   *     suppressed in it
   */
  public void close() throws IOException {
    IOException failure = null;
    while (!opened.isEmpty()) {
      AutoCloseable resource = opened.pop();
      try {
        resource.close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (failure == null) {
          failure =
              new IOException(resource.getClass().getSimpleName() + " did not close: " + e, e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes everything after a failure, which stays the one to report. */
  public void closeAfter(Throwable reported) {
    try {
      close();
    } catch (IOException e) {
      reported.addSuppressed(e);
    }
  }
}
