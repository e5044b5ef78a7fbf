package dev.longshore.lazy.keeper;

import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.PassingSocket;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where snapshotters come in: a thread that accepts them, and one for what each says. When it has
 * been closed, none of them runs any more.
 */
final class SnapshotterConnections implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotterConnections.class);

  private final Path path;
  private final PassingSocket listening;
  private final Map<PassingSocket, Thread> talks = new ConcurrentHashMap<>();
  private @Nullable Thread accepting; // set once, by start
  private volatile boolean closed;

  private SnapshotterConnections(Path path, PassingSocket listening) {
    this.path = path;
    this.listening = listening;
  }

  /** The keeper's part of a talk, on the connection's own thread. */
  interface Conversation {
    /** A snapshotter has come. */
    void begin(PassingSocket snapshotter) throws IOException;

    /** It has said this. */
    void hear(PassingSocket snapshotter, Message message) throws IOException;

    /** It has gone. */
    void end(PassingSocket snapshotter);
  }

  /** Listens at this path; whoever comes waits for {@link #start}. */
  static SnapshotterConnections listen(Path path) throws IOException {
    return new SnapshotterConnections(path, PassingSocket.listen(path));
  }

  /** Lets snapshotters in. */
  void start(Conversation conversation) {
    accepting = Thread.ofPlatform().name("keeper-accept").start(() -> accept(conversation));
  }

  private void accept(Conversation conversation) {
    while (!closed) {
      try {
        PassingSocket next = listening.accept();
        Thread talk =
            Thread.ofPlatform()
                .name("keeper-snapshotter")
                .daemon()
                .unstarted(() -> talk(next, conversation));
        talks.put(next, talk);
        talk.start();
      } catch (KernelException e) {
        if (!closed) {
          LOG.error("No snapshotter can come any more; those that hold a connection can stay", e);
        }
        return;
      }
    }
  }

  private void talk(PassingSocket socket, Conversation conversation) {
    try {
      conversation.begin(socket);
      while (true) {
        conversation.hear(socket, Message.decode(socket.receive().content()));
      }
    } catch (EOFException e) {
      LOG.debug("The snapshotter has gone; its readers wait for the next one", e);
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Talking to a snapshotter failed; readers wait for the next one", e);
    } finally {
      conversation.end(socket);
      close(socket);
    }
  }

  private void close(PassingSocket socket) {
    talks.remove(socket);
    try {
      socket.close();
    } catch (KernelException e) {
      LOG.warn("A connection did not close", e);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    Files.deleteIfExists(path); // first: the next keeper listens there
    listening.shutdown();
    try {
      if (accepting != null) {
        accepting.join();
      }
      for (Map.Entry<PassingSocket, Thread> talk : Map.copyOf(talks).entrySet()) {
        hangUp(talk.getKey());
        talk.getValue().join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the keeper ended", e);
    }
    listening.close();
  }

  private static void hangUp(PassingSocket socket) {
    try {
      socket.shutdown();
    } catch (KernelException | IllegalStateException e) {
      LOG.debug("Gone already", e);
    }
  }
}
