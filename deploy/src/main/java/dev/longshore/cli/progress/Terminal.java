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
    if (kind == null || kind.isEmpty() || kind.equals("dumb")) {
      return false;
    }
    try {
      return isTerminal(Files.readSymbolicLink(Path.of("/proc/self/fd/2")));
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
