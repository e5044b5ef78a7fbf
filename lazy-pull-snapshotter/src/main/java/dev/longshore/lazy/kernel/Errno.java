package dev.longshore.lazy.kernel;

/**
 * Error numbers that somebody decides by ({@code asm-generic/errno-base.h} and {@code errno.h}).
 */
public final class Errno {
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int EAGAIN = 11;
  public static final int ENOTBLK = 15;
  public static final int EBUSY = 16;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int ENOSYS = 38;
  public static final int EPROTO = 71;
  public static final int ECONNABORTED = 103;
  public static final int ECONNREFUSED = 111;

  private Errno() {}
}
