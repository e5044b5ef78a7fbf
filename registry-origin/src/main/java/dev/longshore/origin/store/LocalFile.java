package dev.longshore.origin.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A stored object read from its file. */
final class LocalFile implements BlobReader {
  private final FileChannel channel;
  private final long length;

  private LocalFile(FileChannel channel, long length) {
    this.channel = channel;
    this.length = length;
  }

  static LocalFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new LocalFile(channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Makes names that were created in a directory outlive a loss of power. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public FileChannel file() {
    return channel;
  }

  @Override
  public void read(long offset, ByteBuffer into) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new EOFException(
            "the object has " + length + " bytes, but its file ended at byte " + at);
      }
      at += count;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
