package dev.longshore.swarm.store;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * A file channel that outlives the interruption of a thread.
 *
 * <p>Interrupting a thread in a file operation closes the channel for everybody ({@link
 * java.nio.channels.InterruptibleChannel}); the next one to ask gets a fresh one. Thread-safe.
 */
final class ReopeningChannel implements AutoCloseable {
  private final Path path;
  private final OpenOption option;
  private volatile FileChannel channel;

  /** Guarded by this. */
  private boolean closed;

  ReopeningChannel(Path path, OpenOption option) throws IOException {
    this.path = path;
    this.option = option;
    this.channel = FileChannel.open(path, option);
  }

  /**
   * An open channel.
   *
   * @throws ClosedChannelException after {@link #close}
   */
  FileChannel get() throws IOException {
    FileChannel current = channel;
    return current.isOpen() ? current : reopened();
  }

  private synchronized FileChannel reopened() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (!channel.isOpen()) {
      channel = FileChannel.open(path, option);
    }
    return channel;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }
}
