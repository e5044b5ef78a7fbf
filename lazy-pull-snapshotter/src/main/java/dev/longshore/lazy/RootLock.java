package dev.longshore.lazy;

import dev.longshore.service.StartFailedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a second snapshotter away from a root folder; gone with the process, however it ends. */
final class RootLock implements AutoCloseable {
  private final FileChannel channel;

  private RootLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws StartFailedException if another snapshotter has it
   */
  static RootLock take(Path root) throws IOException, StartFailedException {
    Files.createDirectories(root);
    FileChannel channel =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (tryLock(channel) == null) {
        throw new StartFailedException("--root " + root + " is in use by another snapshotter");
      }
      return new RootLock(channel);
    } catch (IOException | StartFailedException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // of this very process
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
