package dev.longshore.service.net;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A range that Netty copies through buffers because it is not a {@link
 * io.netty.channel.DefaultFileRegion}; see {@link BorrowedFileRegion#IO_URING_SAFE_END}.
 */
final class CopiedFileRegion extends AbstractReferenceCounted implements FileRegion {

  private final FileChannel file;
  private final long offset;
  private final long length;
  private long transferred;

  CopiedFileRegion(FileChannel file, long offset, long length) {
    this.file = file;
    this.offset = offset;
    this.length = length;
  }

  @Override
  public long position() {
    return offset;
  }

  @Deprecated
  @Override
  public long transfered() {
    return transferred;
  }

  @Override
  public long transferred() {
    return transferred;
  }

  @Override
  public long count() {
    return length;
  }

  @Override
  public long transferTo(WritableByteChannel target, long position) throws IOException {
    long left = length - position;
    if (left < 0 || position < 0) {
      throw new IllegalArgumentException("position " + position + " is outside 0.." + length);
    }
    if (left == 0) {
      return 0;
    }
    long written = file.transferTo(offset + position, left, target);
    if (written > 0) {
      transferred += written;
    } else if (offset + position >= file.size()) {
      throw new IOException(
          "the file ends at " + file.size() + ", before the range " + offset + " + " + length);
    }
    return written;
  }

  @Override
  protected void deallocate() {
    // The file is its owner's to close.
  }

  @Override
  public FileRegion retain() {
    super.retain();
    return this;
  }

  @Override
  public FileRegion retain(int increment) {
    super.retain(increment);
    return this;
  }

  @Override
  public FileRegion touch() {
    return this;
  }

  @Override
  public FileRegion touch(Object hint) {
    return this;
  }
}
