package dev.longshore.service;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/** Takes a signal of the operating system's in place of the JVM. */
final class TerminationSignal {
  /*
   * The JDK has no other API for it than sun.misc.Signal of the module jdk.unsupported, which stays
   * until there is one (JEP 260). It is called by reflection because javac warns of each use, and
   * JDK 25 has no way to suppress that warning where it is known to be right.
   */

  private TerminationSignal() {}

  /**
   * Has the signal handled from now on.
   *
   * @param name without SIG, such as {@code TERM}
   * @param handler gets the signal's number, on a thread of its own
   */
  static void handle(String name, IntConsumer handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler calls =
          (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
              throw new UnsupportedOperationException(method.getName());
            }
            handler.accept((int) signal.getMethod("getNumber").invoke(arguments[0]));
            return null;
          };
      Object proxy =
          Proxy.newProxyInstance(
              TerminationSignal.class.getClassLoader(), new Class<?>[] {signalHandler}, calls);
      Object received = signal.getConstructor(String.class).newInstance(name);
      var _ = signal.getMethod("handle", signal, signalHandler).invoke(null, received, proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM cannot handle SIG" + name, e);
    }
  }
}
