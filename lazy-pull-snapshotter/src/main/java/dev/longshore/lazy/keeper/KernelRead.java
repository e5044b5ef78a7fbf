package dev.longshore.lazy.keeper;

import dev.longshore.lazy.kernel.KernelException;

/** Somebody waits, in the kernel, to read a range of a device; answered once. */
interface KernelRead {

  /** Where the range begins, bytes. */
  long offset();

  /** Bytes; may reach beyond the device. */
  long count();

  /** Lets the reader have what is there. */
  void allow() throws KernelException;

  /** Gives the reader an error. */
  void refuse() throws KernelException;
}
