package dev.longshore.cli.progress;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A transfer that is watched from its beginning to its end. */
public final class LiveTransfer implements AutoCloseable {
  private final TransferProgress progress;
  private final ProgressView view;
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("progress").factory());
  private boolean over; // guarded by this

  private LiveTransfer(TransferProgress progress, ProgressView view) {
    this.progress = progress;
    this.view = view;
    long step = view.interval().toMillis();
    var _ = ticker.scheduleWithFixedDelay(this::tick, step, step, TimeUnit.MILLISECONDS);
  }

  /**
   * Begins now.
   *
   * @param figures tells where bytes come from; null when nobody does
   * @param json JSON lines to {@code out}; otherwise text to {@code err}
   */
  public static LiveTransfer begin(
      @Nullable AgentFigures figures, boolean json, PrintWriter out, PrintWriter err) {
    ProgressView view;
    if (json) {
      view = new JsonLines(out);
    } else {
      view = Terminal.isErrorStream() ? new TerminalBar(err) : new PlainLines(err);
    }
    return new LiveTransfer(new TransferProgress(System::nanoTime, figures), view);
  }

  /** Whom the transfer tells what it does. */
  public TransferProgress progress() {
    return progress;
  }

  private void tick() {
    progress.refreshOrigins();
    synchronized (this) {
      if (!over) {
        progress.snapshot().ifPresent(view::show);
      }
    }
  }

  /** Ends it well: shows the last state, and adds the figures to a result. */
  public void finish(ObjectNode result) {
    ticker.shutdown();
    progress.settleOrigins();
    end().ifPresent(last -> JsonLines.putTotals(result, progress, last));
  }

  /** Ends it, if that has not been done: then it has failed. */
  @Override
  public void close() {
    ticker.shutdown();
    var _ = end();
  }

  private synchronized Optional<ProgressSnapshot> end() {
    if (over) {
      return Optional.empty();
    }
    over = true;
    Optional<ProgressSnapshot> last = progress.snapshot();
    last.ifPresent(view::end);
    return last;
  }
}
