package dev.longshore.cli.progress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody looks at what we print. */
public final class Terminal {
  private Terminal() {}

  /**
   * Whether standard error is a terminal that can be drawn on. {@code System.console()} tells of
   * standard input and output only, and progress goes to neither.
   */
  public static boolean isErrorStream() {
    String kind = System.getenv("TERM");
    return kind != null && !kind.isEmpty() && !kind.equals("dumb") && isTerminal(2);
  }

  /** Whether somebody reads standard output at once, who then sees standard error too. */
  public static boolean isOutputStream() {
    return isTerminal(1);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      return isTerminal(Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)));
    } catch (IOException e) {
      return false;
    }
  }

  static boolean isTerminal(Path device) {
    String name = device.toString();
    return name.startsWith("/dev/pts/")
        || name.startsWith("/dev/tty")
        || name.equals("/dev/console");
  }
}
