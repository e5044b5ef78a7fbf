package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/** How this package calls the C library: by the errno that each call leaves. */
@SuppressWarnings("restricted") // native calls are what it is for
final class CLibrary {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private static final long LONGEST_MESSAGE = 256;

  private CLibrary() {}

  /** A call that has its arguments: hands the call state on and returns what the function does. */
  @FunctionalInterface
  interface Call {
    long invoke(MemorySegment callState) throws Throwable;
  }

  /** A function that leaves an errno; its handle takes the call state first. */
  static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    List<Linker.Option> all = new ArrayList<>(List.of(options));
    all.add(Linker.Option.captureCallState("errno"));
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), descriptor, all.toArray(Linker.Option[]::new));
  }

  /**
   * Calls, again when a signal came in between.
   *
   * @param attempt what is tried, for the exception's message
   * @return what the function returned, never -1
   */
  static long call(String attempt, Call call) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      return call(attempt, callState(arena), call);
    }
  }

  /** Memory for the calls of one thread. */
  static MemorySegment callState(Arena arena) {
    return arena.allocate(CALL_STATE);
  }

  /** As above, with memory of {@link #callState}. */
  static long call(String attempt, MemorySegment state, Call call) throws KernelException {
    try {
      while (true) {
        long result = call.invoke(state);
        if (result != -1) {
          return result;
        }
        int errno = (int) ERRNO.get(state, 0L);
        if (errno != Errno.EINTR) {
          throw new KernelException(attempt, errno);
        }
      }
    } catch (KernelException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a C function does not throw", e);
    }
  }

  static String describe(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(LONGEST_MESSAGE).getString(0) + " (errno " + errno + ")";
    } catch (Throwable e) {
      throw new AssertionError("strerror does not throw", e);
    }
  }
}
