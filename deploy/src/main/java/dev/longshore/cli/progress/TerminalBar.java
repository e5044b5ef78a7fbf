package dev.longshore.cli.progress;

import java.io.PrintWriter;
import java.time.Duration;

/** One line with a bar that is drawn over and over; for terminals only. */
final class TerminalBar implements ProgressView {
  /** No terminal is narrower, and a line that wraps cannot be drawn over. */
  private static final int COLUMNS = 79;

  private static final int LEAST_BAR = 6;
  private static final int MOST_BAR = 24;
  private static final String REDRAW = "\r\033[2K"; // ECMA-48: to column one, erase in line

  private final PrintWriter out;

  TerminalBar(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Duration interval() {
    return Duration.ofMillis(200);
  }

  @Override
  public void show(ProgressSnapshot now) {
    out.print(REDRAW + line(now));
    out.flush();
  }

  @Override
  public void end(ProgressSnapshot last) {
    out.println(REDRAW + ProgressText.summary(last));
    out.flush();
  }

  static String line(ProgressSnapshot now) {
    String text = ProgressText.line(now);
    int room = Math.max(LEAST_BAR, Math.min(MOST_BAR, COLUMNS - text.length() - 3));
    int full = Math.min(room, room * now.percent() / 100);
    String line = "[" + "#".repeat(full) + "-".repeat(room - full) + "] " + text;
    return line.length() > COLUMNS ? line.substring(0, COLUMNS) : line;
  }
}
