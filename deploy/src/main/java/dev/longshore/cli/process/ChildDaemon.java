package dev.longshore.cli.process;

import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A Longshore daemon in a JVM of its own, with its log and its ports file in one folder; stopped by
 * SIGTERM when closed.
 */
public final class ChildDaemon implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
  private static final int LOG_LINES_SHOWN = 25;

  private final String name;
  private final Process process;
  private final Path log;
  private final Path portsFile;

  private ChildDaemon(String name, Process process, Path log, Path portsFile) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.portsFile = portsFile;
  }

  /**
   * Starts {@code longshore COMMAND ARGUMENTS}; it is not ready before {@link #addresses} returns.
   *
   * @param name of this one, for messages and for its files in {@code folder}
   */
  public static ChildDaemon start(String name, String command, Path folder, List<String> arguments)
      throws IOException {
    return start(name, command, folder, arguments, StartCache.use(command));
  }

  /**
   * The same with flags for its JVM, on top of those of its kind.
   *
   * @param jvmFlags instead of the kind's start cache
   */
  public static ChildDaemon start(
      String name, String command, Path folder, List<String> arguments, List<String> jvmFlags)
      throws IOException {
    Files.createDirectories(folder);
    Path log = folder.resolve(name + ".log");
    Path portsFile = folder.resolve(name + ".ports");
    List<String> words = new ArrayList<>();
    // A session of its own: Ctrl-C reaches us alone, and we stop our children in order.
    words.add("setsid");
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(JvmFlags.of(command));
    words.addAll(jvmFlags);
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.addAll(List.of("dev.longshore.cli.Longshore", command));
    words.addAll(arguments);
    words.addAll(List.of("--ports-file", portsFile.toString()));
    Process process =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    process.getOutputStream().close();
    return new ChildDaemon(name, process, log, portsFile);
  }

  /** Waits until it listens, and returns its addresses by setting name. */
  public Map<String, HostAndPort> addresses() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(portsFile)) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new IOException(
            name + " ended with exit code " + process.exitValue() + " at its start:\n" + logTail());
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            name + " did not listen within " + START_LIMIT.toSeconds() + " s:\n" + logTail());
      }
    }
    Map<String, HostAndPort> addresses = new HashMap<>();
    for (String line : Files.readAllLines(portsFile)) {
      int equals = line.indexOf('=');
      addresses.put(line.substring(0, equals), HostAndPort.parse(line.substring(equals + 1)));
    }
    return addresses;
  }

  public String name() {
    return name;
  }

  /** The number of the process, for looking at it in {@code /proc}. */
  public long pid() {
    return process.pid();
  }

  /** Fails with the end of its log when it has ended by itself. */
  public void checkAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          name + " ended with exit code " + process.exitValue() + ":\n" + logTail());
    }
  }

  /** The end of what it has logged. */
  public String logTail() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
  }

  /** Asks it to stop without waiting: the start of stopping several at once. */
  public void requestStop() {
    process.destroy();
  }

  /** Waits until it has ended by itself, and fails if that takes longer or goes wrong. */
  public void awaitEnd(Duration limit) throws IOException, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(
          name + " did not end within " + limit.toSeconds() + " s:\n" + logTail());
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          name + " ended with exit code " + process.exitValue() + ":\n" + logTail());
    }
  }

  /** Ends it as {@code kill -9} does, for tests of what survives that. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
