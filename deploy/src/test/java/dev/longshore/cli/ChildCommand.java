package dev.longshore.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command in a process of its own, which can be killed. */
final class ChildCommand {
  private ChildCommand() {}

  static Process start(Path errors, String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .forEach(words::add);
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.add("dev.longshore.cli.Longshore");
    words.addAll(List.of(arguments));
    return new ProcessBuilder(words)
        .redirectError(errors.toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
