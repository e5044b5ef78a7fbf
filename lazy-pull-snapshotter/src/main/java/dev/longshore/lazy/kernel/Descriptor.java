package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An open file of the kernel's, by its number, which {@link java.nio.channels.FileChannel} hides:
 * to be marked, passed on, and written to without raising events.
 *
 * <p>Safe for many threads; whoever closes it sees to it that nobody uses it then: its number may
 * be another file's at once.
 */
public final class Descriptor implements AutoCloseable {

  /** {@code O_RDONLY}, {@code fcntl.h}. */
  public static final int READ_ONLY = 0;

  /** {@code O_RDWR}. */
  public static final int READ_WRITE = 2;

  /** {@code O_CLOEXEC}, the same on every architecture that runs containers. */
  static final int CLOSE_ON_EXEC = 0x80000;

  private static final int F_SETLEASE = 1024;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final long COPY_BYTES = 64 << 10;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_INO = 0x100;
  private static final int STATX_BLOCKS = 0x400;
  private static final long STX_BLOCK_BYTES = 512;
  private static final long STATX_BYTES = 256;
  private static final long STX_INO = 32;
  private static final long STX_BLOCKS = 48;
  private static final long STX_DEV_MAJOR = 136;
  private static final long STX_DEV_MINOR = 140;

  private static final MethodHandle OPEN =
      CLibrary.function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      CLibrary.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle PREAD =
      CLibrary.function(
          "pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PWRITE =
      CLibrary.function(
          "pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FDATASYNC =
      CLibrary.function("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      CLibrary.function(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle STATX =
      CLibrary.function(
          "statx", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

  /** A thread's memory outside the heap. */
  private static final ThreadLocal<MemorySegment> COPIES =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(COPY_BYTES));

  private final int number;
  private final AtomicBoolean closed = new AtomicBoolean();

  Descriptor(int number) {
    this.number = number;
  }

  /** Which file this is, whatever its name: two are equal when they are one file. */
  public record Identity(int deviceMajor, int deviceMinor, long inode) {}

  /**
   * Opens a file that exists.
   *
   * @param access {@link #READ_ONLY} or {@link #READ_WRITE}
   */
  public static Descriptor open(Path path, int access) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path.toString());
      int flags = access | CLOSE_ON_EXEC;
      return new Descriptor(
          (int)
              CLibrary.call(
                  "cannot open " + path, state -> (int) OPEN.invokeExact(state, name, flags)));
    }
  }

  /** The number, which fails once it has been closed here; a call under way has it already. */
  int number() {
    if (closed.get()) {
      throw new IllegalStateException("this descriptor has been closed");
    }
    return number;
  }

  /** Writes all of this memory; what lies on the heap is copied out of it first. */
  public void write(MemorySegment bytes, long offset) throws KernelException {
    int open = number();
    if (bytes.isNative()) {
      write(open, bytes, offset);
      return;
    }
    MemorySegment copy = COPIES.get();
    for (long at = 0; at < bytes.byteSize(); at += copy.byteSize()) {
      MemorySegment part = copy.asSlice(0, Math.min(copy.byteSize(), bytes.byteSize() - at));
      part.copyFrom(bytes.asSlice(at, part.byteSize()));
      write(open, part, offset + at);
    }
  }

  private static void write(int open, MemorySegment bytes, long offset) throws KernelException {
    long done = 0;
    while (done < bytes.byteSize()) {
      MemorySegment rest = bytes.asSlice(done);
      long at = offset + done;
      done +=
          CLibrary.call(
              "cannot write",
              state -> (long) PWRITE.invokeExact(state, open, rest, rest.byteSize(), at));
    }
  }

  /**
   * Reads until this memory is full or the file ends.
   *
   * @param into outside the heap
   * @return bytes read
   */
  public long read(MemorySegment into, long offset) throws KernelException {
    int open = number();
    long done = 0;
    while (done < into.byteSize()) {
      MemorySegment rest = into.asSlice(done);
      long at = offset + done;
      long count =
          CLibrary.call(
              "cannot read",
              state -> (long) PREAD.invokeExact(state, open, rest, rest.byteSize(), at));
      if (count == 0) {
        break;
      }
      done += count;
    }
    return done;
  }

  /** Waits until what was written is on the disk. */
  public void sync() throws KernelException {
    int open = number();
    CLibrary.call("cannot sync", state -> (int) FDATASYNC.invokeExact(state, open));
  }

  /**
   * Whether nobody else has opened the file, a mounted file system for one; copies of this very
   * descriptor do not count. Asked by taking a lease for writing, which is given to no one else
   * (fcntl(2)); false where the file system gives none.
   */
  public boolean isOnlyOpener() throws KernelException {
    try {
      lease(F_WRLCK);
    } catch (KernelException e) {
      if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
    lease(F_UNLCK);
    return true;
  }

  private void lease(int kind) throws KernelException {
    int open = number();
    CLibrary.call(
        "cannot take a lease", state -> (int) FCNTL.invokeExact(state, open, F_SETLEASE, kind));
  }

  /** Which file it is. */
  public Identity identity() throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = stat(arena, STATX_INO);
      return new Identity(
          answer.get(JAVA_INT, STX_DEV_MAJOR),
          answer.get(JAVA_INT, STX_DEV_MINOR),
          answer.get(JAVA_LONG, STX_INO));
    }
  }

  /** What it takes on disk, bytes; holes take nothing. */
  public long allocatedBytes() throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      return STX_BLOCK_BYTES * stat(arena, STATX_BLOCKS).get(JAVA_LONG, STX_BLOCKS);
    }
  }

  private MemorySegment stat(Arena arena, int mask) throws KernelException {
    int open = number();
    MemorySegment nothing = arena.allocateFrom("");
    MemorySegment answer = arena.allocate(STATX_BYTES, Long.BYTES);
    CLibrary.call(
        "cannot stat a descriptor",
        state -> (int) STATX.invokeExact(state, open, nothing, AT_EMPTY_PATH, mask, answer));
    return answer;
  }

  @Override
  public void close() throws KernelException {
    if (closed.compareAndSet(false, true)) {
      CLibrary.call("cannot close", state -> (int) CLOSE.invokeExact(state, number));
    }
  }
}
