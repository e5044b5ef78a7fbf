package dev.longshore.swarm.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A process that runs a main class of these tests, to talk to and to kill. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;
  private final PrintStream commands;

  private ChildJvm(Process process) {
    this.process = process;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    this.commands = new PrintStream(process.getOutputStream(), true, UTF_8);
  }

  static ChildJvm start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("--") || option.startsWith("-Dchronicle")) {
        command.add(option);
      }
    }
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
  }

  /** The next line it says, null at its end. */
  String line() throws IOException {
    return lines.readLine();
  }

  /** All it says from now on; returns at its end. */
  void listen(Consumer<String> sink) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      sink.accept(line);
    }
  }

  /** Tells it something, and returns the line that it answers. */
  String ask(String command) throws IOException {
    commands.println(command);
    return line();
  }

  /** SIGKILL. What it said before can still be read. */
  void kill() throws InterruptedException {
    // Process.destroyForcibly would lose its output.
    process.toHandle().destroyForcibly();
    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
