package dev.longshore.cli.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be gone when a command ends, however it ends: closed once, the last first, by the
 * command itself or by the shutdown hook of a Ctrl-C, whichever comes first.
 */
public final class Leftovers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Thread hook = new Thread(this::closeAll, "leftovers");
  private final Deque<AutoCloseable> open = new ArrayDeque<>(); // guarded by this
  private volatile boolean closed; // written under this

  /** An empty set that is also closed when this process is told to end. */
  public static Leftovers closedAtExit() {
    Leftovers leftovers = new Leftovers();
    Runtime.getRuntime().addShutdownHook(leftovers.hook);
    return leftovers;
  }

  private Leftovers() {}

  /** Keeps {@code resource} to close; at once, and failing, when this is closed already. */
  public <T extends AutoCloseable> T add(T resource) {
    synchronized (this) {
      if (!closed) {
        open.push(resource);
        return resource;
      }
    }
    close(resource);
    throw new IllegalStateException("stopping");
  }

  /** Whether the end has begun: failures of what is being stopped are then no news. */
  public boolean closing() {
    return closed;
  }

  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending: the hook runs, or has run.
    }
  }

  /** The one that comes second waits here until the first has finished. */
  private synchronized void closeAll() {
    closed = true;
    while (!open.isEmpty()) {
      close(open.pop());
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      LOG.warn("could not clean up {}", resource, e);
    }
  }
}
