package dev.longshore.cli.process;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The flags of a child JVM: those of its kind, as the launcher would give them. */
final class JvmFlags {
  /** What opens the JDK to Chronicle Map and quiets it; the parent pom holds the list. */
  private static final List<String> INHERITED =
      List.of(
          "--add-opens",
          "--add-exports",
          "--enable-native-access",
          "--sun-misc-",
          "-Dchronicle.",
          "-D" + StartCache.FOLDER);

  private JvmFlags() {}

  /** For a process of this kind, such as {@code agent}. */
  static List<String> of(String kind) throws IOException {
    List<String> flags = new ArrayList<>(fromFile("common"));
    flags.addAll(fromFile(kind));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> INHERITED.stream().anyMatch(flag::startsWith))
        .forEach(flags::add);
    return flags;
  }

  /** An argument file as java(1) reads it, as far as ours go: words and comments. */
  private static List<String> fromFile(String kind) throws IOException {
    String name = "/dev/longshore/cli/jvm/" + kind + ".args";
    try (InputStream in = JvmFlags.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("no such kind of process: " + kind);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }
}
