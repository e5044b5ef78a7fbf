package dev.longshore.origin;

import java.util.ArrayDeque;
import java.util.Deque;

/** Things to close in the reverse order of their opening, all of them, whatever fails. */
final class Opened {
  private final Deque<AutoCloseable> stack = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T thing) {
    stack.push(thing);
    return thing;
  }

  void close() throws Exception {
    Exception first = null;
    while (!stack.isEmpty()) {
      try {
        stack.pop().close();
      } catch (Exception e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** Closes after a failure, which stays the one to report. */
  void closeAfter(Throwable failure) {
    try {
      close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }
}
