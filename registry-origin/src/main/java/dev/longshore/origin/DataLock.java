package dev.longshore.origin;

import dev.longshore.service.StartFailedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a second origin away from a data directory; the kernel frees it with the process. */
final class DataLock implements AutoCloseable {
  private final FileChannel channel;

  private DataLock(FileChannel channel) {
    this.channel = channel;
  }

  static DataLock take(Path data) throws StartFailedException {
    Path file = data.resolve("lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) != null) {
        return new DataLock(channel);
      }
      channel.close();
    } catch (IOException e) {
      throw new StartFailedException("cannot write --data " + data + ": " + e.getMessage(), e);
    }
    throw new StartFailedException(
        "another origin is using --data " + data + "; stop it or give another directory");
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another origin of this very process
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
