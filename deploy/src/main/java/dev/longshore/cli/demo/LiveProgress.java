package dev.longshore.cli.demo;

import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Shows how far each agent is: a line an agent, drawn over and over on a terminal; one line a
 * second otherwise.
 */
final class LiveProgress {
  private static final int BAR = 24;
  private static final long PLAIN_INTERVAL_NANOS = 1_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final long imageBytes;
  private boolean drawn;
  private long lastPlain = Long.MIN_VALUE;
  private String lastText = "";

  LiveProgress(PrintStream out, long imageBytes) {
    this.out = out;
    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again (JDK-8351435)
    Console console = System.console();
    this.terminal = console != null && console.isTerminal();
    this.imageBytes = imageBytes;
  }

  /** How far a node is. */
  enum State {
    PULLING,
    /** The agent has everything; its client is still at work on it. */
    ARRIVED,
    DONE,
    FAILED
  }

  /** One agent at one moment. */
  record Line(String name, AgentTraffic traffic, State state) {}

  /**
   * Shows the lines.
   *
   * @param nanos since the pulls began
   */
  void show(List<Line> lines, long nanos) {
    if (terminal) {
      if (drawn) {
        out.print("\033[" + lines.size() + "A");
      }
      for (Line line : lines) {
        out.print("\033[2K" + bar(line) + "\n");
      }
      drawn = true;
      out.flush();
    } else if (lastPlain == Long.MIN_VALUE || nanos - lastPlain >= PLAIN_INTERVAL_NANOS) {
      String now = String.join("", lines.stream().map(this::plain).toList());
      if (!now.equals(lastText)) {
        lastPlain = nanos;
        lastText = now;
        out.println(String.format(Locale.ROOT, "  %5.1f s ", nanos / 1e9) + now);
      }
    }
  }

  private String plain(Line line) {
    return switch (line.state()) {
      case PULLING -> String.format(Locale.ROOT, "  %s %7d %%", line.name(), percent(line));
      case ARRIVED, DONE, FAILED -> String.format("  %s %9s", line.name(), word(line.state()));
    };
  }

  private static String word(State state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private String bar(Line line) {
    int percent = percent(line);
    int full = BAR * percent / 100;
    AgentTraffic traffic = line.traffic();
    return String.format(
        Locale.ROOT,
        "  %-9s [%s%s] %3d %%   source %6.1f MB   seeder %6.1f MB   peers %6.1f MB   %s",
        line.name(),
        "#".repeat(full),
        "-".repeat(BAR - full),
        percent,
        traffic.fromSource() / 1e6,
        traffic.fromSeeders() / 1e6,
        traffic.fromPeers() / 1e6,
        word(line.state()));
  }

  private int percent(Line line) {
    return switch (line.state()) {
      case ARRIVED, DONE -> 100;
      case PULLING, FAILED ->
          (int) Math.min(99, 100 * line.traffic().total() / Math.max(1, imageBytes));
    };
  }
}
