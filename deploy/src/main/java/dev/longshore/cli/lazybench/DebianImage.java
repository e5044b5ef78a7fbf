package dev.longshore.cli.lazybench;

import java.util.Arrays;
import java.util.List;

/** A real image made of Debian's packages, and what its container prints first. */
enum DebianImage {
  PYTHON("python3-minimal", "python3", "-c", "print('hello')"),
  NGINX("nginx-light", "/usr/sbin/nginx", "-t"),
  POSTGRESQL("postgresql", "/bin/sh", "-c", "/usr/lib/postgresql/15/bin/postgres --version"),
  JDK("openjdk-17-jre-headless", "java", "-version");

  private final String packages;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is
  private final List<String> command;

  DebianImage(String packages, String... command) {
    this.packages = packages;
    this.command = List.of(command);
  }

  /** The packages on top of a minimal system, separated by commas. */
  String packages() {
    return packages;
  }

  /** What is run. */
  List<String> command() {
    return command;
  }

  /** Those that a setting names. */
  static List<DebianImage> named(String name) {
    if (name.equals("all")) {
      return List.of(values());
    }
    return Arrays.stream(values())
        .filter(image -> image.name().equalsIgnoreCase(name))
        .findFirst()
        .map(List::of)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--image is python, nginx, postgresql, jdk or all, found '" + name + "'"));
  }
}
