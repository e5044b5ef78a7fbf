package dev.longshore.lazy.kernel;

/** Somebody waits to read a range of a file on FUSE; answered once. */
public final class FuseRead {
  private final FuseConnection connection;
  private final long request;
  private final long file;
  private final long offset;
  private final int count;

  FuseRead(FuseConnection connection, long request, long file, long offset, int count) {
    this.connection = connection;
    this.request = request;
    this.file = file;
    this.offset = offset;
    this.count = count;
  }

  /** The file's id. */
  public long file() {
    return file;
  }

  /** Where the range begins, bytes. */
  public long offset() {
    return offset;
  }

  /** Bytes, at most {@link FuseConnection#MAX_READ}; may reach beyond the file. */
  public int count() {
    return count;
  }

  /**
   * Answers with what this file has there; with an error when it has not all of it, since EROFS
   * takes what is missing for zeros (fs/erofs/fileio.c).
   *
   * @param size of the file that is read: what is beyond it is not there to be read
   * @throws KernelException if it could not be read, which the reader was told, or not be answered
   */
  public void reply(Descriptor content, long size) throws KernelException {
    long there = Math.clamp(size - offset, 0, count);
    try (FuseConnection.Answer answer = connection.answer()) {
      boolean whole = false;
      try {
        whole = content.read(answer.payload().asSlice(0, there), offset) == there;
      } finally {
        if (!whole) {
          connection.finish(request, Errno.EIO);
        }
      }
      if (whole) {
        answer.send(request, there);
      }
    }
  }

  /** Answers with EIO. */
  public void fail() throws KernelException {
    connection.finish(request, Errno.EIO);
  }
}
