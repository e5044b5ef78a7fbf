package dev.longshore.cli;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.layout.TransferListener;
import java.io.Console;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The progress of a push or a pull on standard error: one line that is redrawn on a terminal, a
 * line a second elsewhere. Thread-safe.
 */
final class TransferBar implements TransferListener, AutoCloseable {
  private static final int WIDTH = 30;
  private static final long TERMINAL_INTERVAL_NANOS = 100_000_000L;
  private static final long PLAIN_INTERVAL_NANOS = 1_000_000_000L;

  private final PrintStream out = System.err;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private final Map<Digest, Long> done = new HashMap<>(); // guarded by this
  private long total; // guarded by this
  private long alreadyThere; // guarded by this
  private long lastShown = start; // guarded by this

  TransferBar() {
    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again (JDK-8351435)
    Console console = System.console();
    this.terminal = console != null && console.isTerminal();
  }

  @Override
  public synchronized void planned(List<Descriptor> blobs) {
    total = blobs.stream().mapToLong(Descriptor::size).sum();
  }

  @Override
  public synchronized void progress(Descriptor blob, long bytes) {
    done.put(blob.digest(), bytes);
    long now = System.nanoTime();
    if (now - lastShown >= (terminal ? TERMINAL_INTERVAL_NANOS : PLAIN_INTERVAL_NANOS)) {
      lastShown = now;
      show(now);
    }
  }

  @Override
  public synchronized void finished(Descriptor blob, Outcome outcome) {
    done.put(blob.digest(), blob.size());
    if (outcome != Outcome.TRANSFERRED) {
      alreadyThere += blob.size();
    }
  }

  /** The last state, and the line's end. */
  @Override
  public synchronized void close() {
    if (total == 0) {
      return; // it failed before anything was known of the image
    }
    show(System.nanoTime());
    if (terminal) {
      out.println();
    }
  }

  private void show(long now) {
    long sum = done.values().stream().mapToLong(Long::longValue).sum();
    int share = total == 0 ? 0 : (int) (WIDTH * sum / total);
    double moved = (sum - alreadyThere) / 1e6;
    String line =
        String.format(
            Locale.ROOT,
            "  [%s%s] %.1f of %.1f MB   %.1f MB/s",
            "#".repeat(share),
            "-".repeat(WIDTH - share),
            sum / 1e6,
            total / 1e6,
            moved / Math.max(0.001, (now - start) / 1e9));
    out.print(terminal ? "\r\033[2K" + line : line + "\n");
    out.flush();
  }
}
