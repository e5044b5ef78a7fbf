package dev.longshore.origin.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the file of an object.
 *
 * <p>Every {@link #FLUSH_EVERY} bytes a background fdatasync is started, so that the disk works
 * while the client still sends and the final one has little left to do.
 */
final class LocalFileWriter implements BlobWriter {
  static final long FLUSH_EVERY = 32L << 20;

  private static final Logger log = LoggerFactory.getLogger(LocalFileWriter.class);

  private final Path path;
  private final FileChannel channel;
  private final FreeSpace freeSpace;
  private final AtomicBoolean flushing = new AtomicBoolean();

  /**
   * Linux reports a failed write-back once a descriptor, so what an early flush was told must not
   * be lost (fsync(2), and PostgreSQL's "fsyncgate").
   */
  private volatile @Nullable IOException flushFailure;

  private long length;
  private long checkAt;
  private long flushAt;

  LocalFileWriter(Path path, FileChannel channel, FreeSpace freeSpace) throws IOException {
    this.path = path;
    this.channel = channel;
    this.freeSpace = freeSpace;
    this.length = channel.size();
    this.checkAt = length + FreeSpace.CHECK_EVERY;
    this.flushAt = length + FLUSH_EVERY;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    long end = length + bytes.remaining();
    try {
      if (end >= checkAt) {
        freeSpace.check();
        checkAt = end + FreeSpace.CHECK_EVERY;
      }
      long at = length;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      truncate(length);
      throw freeSpace.explain(e);
    }
    length = end;
    if (end >= flushAt) {
      flushAt = end + FLUSH_EVERY;
      flushInBackground();
    }
  }

  @Override
  public void truncate(long newLength) throws IOException {
    channel.truncate(newLength);
    length = newLength;
  }

  @Override
  public BlobReader read() throws IOException {
    return LocalFile.open(path);
  }

  @Override
  public void force() throws IOException {
    try {
      IOException earlier = flushFailure;
      if (earlier != null) {
        throw new IOException("bytes of " + path + " were lost on their way to the disk", earlier);
      }
      channel.force(false);
      LocalFile.syncDirectory(Objects.requireNonNull(path.getParent()));
    } catch (IOException e) {
      throw freeSpace.explain(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void flushInBackground() {
    if (!flushing.compareAndSet(false, true)) {
      return;
    }
    Thread.ofVirtual()
        .name("flush-" + path.getFileName())
        .start(() -> {
          try {
            channel.force(false);
          } catch (ClosedChannelException e) {
            log.debug("{} was closed during an early flush", path);
          } catch (IOException e) {
            flushFailure = e;
          } finally {
            flushing.set(false);
          }
        });
  }
}
