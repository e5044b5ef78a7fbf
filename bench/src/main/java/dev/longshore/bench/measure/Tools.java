package dev.longshore.bench.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The programs that benchmarks drive, and the Debian packages they come from. */
public enum Tools {
  WRK("wrk", "wrk"),
  NGINX("nginx", "nginx-light"),
  DISTRIBUTION("docker-registry", "docker-registry"),
  ARIA2("aria2c", "aria2");

  private final String program;
  private final String debianPackage;

  Tools(String program, String debianPackage) {
    this.program = program;
    this.debianPackage = debianPackage;
  }

  /** Where it is. */
  public Path path() throws MissingToolException {
    return find().orElseThrow(() -> missing(Set.of(debianPackage)));
  }

  /** Fails with one message that names every package to install. */
  public static void require(List<Tools> tools) throws MissingToolException {
    Set<String> packages = new LinkedHashSet<>();
    for (Tools tool : tools) {
      if (tool.find().isEmpty()) {
        packages.add(tool.debianPackage);
      }
    }
    if (!packages.isEmpty()) {
      throw missing(packages);
    }
  }

  static MissingToolException missing(Set<String> packages) {
    String words = String.join(" ", packages);
    return new MissingToolException(
        "needs the Debian package"
            + (packages.size() == 1 ? " " : "s ")
            + words
            + ", which this machine lacks: apt-get install "
            + words);
  }

  private Optional<Path> find() {
    List<String> folders = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      folders.addAll(List.of(path.split(":", -1)));
    }
    folders.addAll(List.of("/usr/sbin", "/usr/bin")); // nginx is not on an ordinary user's PATH
    return folders.stream()
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
