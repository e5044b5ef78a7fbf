package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Mounting and unmounting: mount(2), umount2(2). */
public final class Mounts {

  /** {@code MS_RDONLY}, {@code sys/mount.h}. */
  public static final long READ_ONLY = 1;

  /** {@code MS_NOSUID | MS_NODEV | MS_NOEXEC}: nothing on it is run or is a device. */
  public static final long NO_PROGRAMS = 2 | 4 | 8;

  /** {@code MNT_FORCE}: a FUSE mount's connection ends at once (fs/fuse/inode.c). */
  private static final int FORCE = 1;

  /** {@code MNT_DETACH}: out of the tree at once, gone when nobody uses it any more. */
  private static final int DETACH = 2;

  private static final int WAIT = 0;

  private static final MethodHandle MOUNT =
      CLibrary.function(
          "mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle UMOUNT2 =
      CLibrary.function("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private Mounts() {}

  /**
   * Mounts a file system.
   *
   * @param flags as {@link #READ_ONLY}
   * @param data the file system's own options, separated by commas
   */
  public static void mount(String source, Path target, String type, long flags, String data)
      throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(source);
      MemorySegment to = arena.allocateFrom(target.toString());
      MemorySegment kind = arena.allocateFrom(type);
      MemorySegment options = arena.allocateFrom(data);
      CLibrary.call(
          "cannot mount %s %s on %s with '%s'".formatted(type, source, target, data),
          state -> (int) MOUNT.invokeExact(state, from, to, kind, flags, options));
    }
  }

  /** Unmounts; fails with {@link Errno#EBUSY} when somebody uses it. */
  public static void unmount(Path target) throws KernelException {
    unmount(target, WAIT);
  }

  /** Takes a mount out of the tree at once; it is gone when nobody uses it any more. */
  public static void detach(Path target) throws KernelException {
    unmount(target, DETACH);
  }

  /** Takes a FUSE mount out of the tree and ends it, whoever uses it. */
  static void abort(Path target) throws KernelException {
    unmount(target, FORCE | DETACH);
  }

  private static void unmount(Path target, int flags) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(target.toString());
      CLibrary.call(
          "cannot unmount " + target, state -> (int) UMOUNT2.invokeExact(state, path, flags));
    }
  }
}
