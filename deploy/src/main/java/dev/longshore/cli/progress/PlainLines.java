package dev.longshore.cli.progress;

import java.io.PrintWriter;
import java.time.Duration;

/** A line every few seconds, without a control character: for logs. */
final class PlainLines implements ProgressView {
  private final PrintWriter out;

  PlainLines(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Duration interval() {
    return Duration.ofSeconds(3);
  }

  @Override
  public void show(ProgressSnapshot now) {
    out.println(ProgressText.line(now));
    out.flush();
  }

  @Override
  public void end(ProgressSnapshot last) {
    out.println(ProgressText.summary(last));
    out.flush();
  }
}
