package dev.longshore.cli.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end and keeps what it printed. */
public final class ExternalCommand {
  private static final int TAIL_LINES = 15;

  private ExternalCommand() {}

  /**
   * What came of a command.
   *
   * @param command the words that were run
   * @param exitCode its exit code
   * @param output standard output and standard error, interleaved
   */
  public record Result(List<String> command, int exitCode, String output) {

    /** The end of the output: what a message about a failure should show. */
    public String tail() {
      List<String> lines = output.lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }

    /** This result when the exit code is 0. */
    public Result orThrow() throws IOException {
      if (exitCode != 0) {
        throw new IOException(
            "'%s' ended with exit code %d:%n%s"
                .formatted(String.join(" ", command), exitCode, tail()));
      }
      return this;
    }
  }

  /**
   * Runs {@code command} and waits for it; past {@code limit} it is killed and that is an error.
   */
  public static Result run(List<String> command, Duration limit)
      throws IOException, InterruptedException {
    Process process = start(command);
    try {
      process.getOutputStream().close();
      CompletableFuture<String> output = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> drain(process, output));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        kill(process);
        throw new IOException(
            "'%s' did not end within %d s:%n%s"
                .formatted(
                    String.join(" ", command),
                    limit.toSeconds(),
                    new Result(command, -1, output.get()).tail()));
      }
      return new Result(command, process.exitValue(), output.get());
    } catch (ExecutionException e) {
      throw new IOException("reading the output of '" + command.getFirst() + "' failed", e);
    } finally {
      kill(process); // only when an exception or an interrupt came before its end
    }
  }

  private static Process start(List<String> command) throws IOException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IOException("cannot run '" + command.getFirst() + "': is it installed?", e);
    }
  }

  private static void drain(Process process, CompletableFuture<String> output) {
    try (var in = process.getInputStream()) {
      output.complete(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      output.completeExceptionally(e);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
