package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** This process among others: setsid(2). */
public final class Session {
  private static final MethodHandle SETSID =
      CLibrary.function("setsid", FunctionDescriptor.of(JAVA_INT));

  private Session() {}

  /** Leaves the session and the terminal of whoever started this process: their end is not its. */
  public static void leave() throws KernelException {
    CLibrary.call("cannot begin a session", state -> (int) SETSID.invokeExact(state));
  }
}
