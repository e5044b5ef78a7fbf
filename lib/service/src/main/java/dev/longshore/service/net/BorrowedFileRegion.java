package dev.longshore.service.net;

import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/** A sendfile range that leaves the file open when it is released. */
final class BorrowedFileRegion extends DefaultFileRegion {

  /**
   * The last file offset that Netty's io_uring region sends rightly: it narrows offset and length
   * to {@code int} (4.2.18, io.netty.channel.uring.IoUringFileRegion), and past 4 GiB sends wrong
   * bytes without an error. The HTTP server's suite reads past it on every transport.
   */
  static final long IO_URING_SAFE_END = Integer.MAX_VALUE;

  BorrowedFileRegion(FileChannel file, long offset, long length) {
    super(file, offset, length);
  }

  @Override
  protected void deallocate() {
    // DefaultFileRegion closes its file here; this file is its owner's to close.
  }
}
