package dev.longshore.lazy.kernel;

import java.io.IOException;

/** A system call that failed. */
public final class KernelException extends IOException {
  private final int errno;

  KernelException(String attempt, int errno) {
    super(attempt + ": " + CLibrary.describe(errno));
    this.errno = errno;
  }

  /** The error number, as in {@code errno.h}. */
  public int errno() {
    return errno;
  }
}
