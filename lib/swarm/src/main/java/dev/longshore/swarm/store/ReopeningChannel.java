package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file channel that is opened when somebody asks for it, and outlives the interruption of a
 * thread.
 *
 * <p>Interrupting a thread in a file operation closes the channel for everybody ({@link
 * java.nio.channels.InterruptibleChannel}); the next one to ask gets a fresh one, and so does the
 * next after one for whom it could not be opened. Thread-safe.
 */
final class ReopeningChannel implements AutoCloseable {
  private final Path path;
  private final OpenOption option;
  private volatile @Nullable FileChannel channel; // set under this object's monitor

  /** Guarded by this. */
  private boolean closed;

  ReopeningChannel(Path path, OpenOption option) {
    this.path = path;
    this.option = option;
  }

  /**
   * An open channel.
   *
   * @throws ClosedChannelException after {@link #close}
   */
  FileChannel get() throws IOException {
    FileChannel current = channel;
    return current != null && current.isOpen() ? current : opened();
  }

  /** The same for a reader of this blob, who is told what failed. */
  FileChannel toRead(Digest blob) throws IOException {
    try {
      return get();
    } catch (ClosedChannelException e) {
      throw new IOException("cannot read " + blob + ": claim is closed", e);
    } catch (IOException e) {
      throw new IOException("cannot read " + blob + ": opening its file failed: " + e, e);
    }
  }

  private synchronized FileChannel opened() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    FileChannel current = channel;
    if (current == null || !current.isOpen()) {
      current = FileChannel.open(path, option);
      channel = current;
    }
    return current;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    FileChannel current = channel;
    if (current != null) {
      current.close();
    }
  }
}
