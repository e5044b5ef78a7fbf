package dev.longshore.cli.doctor;

import dev.longshore.cli.node.NodeAbility;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Whether containerd is here and sends its pulls to our agent; its files are read only. */
final class ContainerdCheck {
  private static final Path SOCKET = Path.of("/run/containerd/containerd.sock");

  private final Path folder;
  private final URI mirror;
  private final Path snapshotter;

  /**
   * A check that has not begun.
   *
   * @param folder of containerd's configuration
   * @param mirror of the agent
   * @param snapshotter its socket
   */
  ContainerdCheck(Path folder, URI mirror, Path snapshotter) {
    this.folder = folder;
    this.mirror = mirror;
    this.snapshotter = snapshotter;
  }

  List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(program());
    try {
      ContainerdConfig config = ContainerdConfig.read(folder);
      findings.add(mirror(config));
      findings.add(snapshotter(config));
    } catch (IOException e) {
      findings.add(
          Finding.failed("mirror", folder + " cannot be read: " + e.getMessage(), "run as root"));
    }
    return findings;
  }

  private static Finding program() {
    boolean installed = NodeAbility.isOnPath("containerd");
    boolean running = Files.exists(SOCKET);
    if (running) {
      return Finding.ok("containerd", "runs, at " + SOCKET);
    }
    return installed
        ? Finding.failed(
            "containerd", "installed; nothing at " + SOCKET, "start it: systemctl start containerd")
        : Finding.failed(
            "containerd",
            "not installed",
            "install it: apt-get install containerd, or your" + " distribution's package");
  }

  private Finding mirror(ContainerdConfig config) throws IOException {
    List<Path> folders = config.hostFolders();
    if (folders.isEmpty()) {
      return Finding.failed(
          "mirror",
          "containerd looks for no hosts.toml: no config_path in " + folder.resolve("config.toml"),
          "set config_path = \"%s\" in its registry table".formatted(folder.resolve("certs.d")));
    }
    TreeSet<String> registries = new TreeSet<>();
    for (Path hosts : folders) {
      if (Files.isDirectory(hosts)) {
        registries.addAll(mirrored(hosts));
      }
    }
    return registries.isEmpty()
        ? Finding.failed(
            "mirror",
            "no registry is looked up at " + mirror,
            "write %s with [host.\"%s\"], as the README tells"
                .formatted(folders.getFirst().resolve("REGISTRY/hosts.toml"), mirror))
        : Finding.ok("mirror", "at " + mirror + " for " + String.join(", ", registries));
  }

  /** The registries whose hosts.toml in this folder names the mirror. */
  private List<String> mirrored(Path hosts) throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> registries = Files.newDirectoryStream(hosts)) {
      for (Path registry : registries) {
        Path file = registry.resolve("hosts.toml");
        if (Files.exists(file)
            && Files.readString(file, StandardCharsets.UTF_8)
                .lines()
                .anyMatch(line -> line.strip().startsWith("[host.\"" + mirror + "\"]"))) {
          found.add(String.valueOf(registry.getFileName()));
        }
      }
    }
    return found;
  }

  private Finding snapshotter(ContainerdConfig config) {
    Optional<String> plugin = config.pluginAt(snapshotter);
    if (plugin.isEmpty()) {
      return Finding.absent(
          "snapshotter",
          "containerd has no snapshotter at " + snapshotter,
          "for lazy pulls add [proxy_plugins.longshore] with type = \"snapshot\" and that address");
    }
    return config.uses(plugin.get())
        ? Finding.ok("snapshotter", "plugin " + plugin.get() + ", which is used")
        : Finding.absent(
            "snapshotter",
            "plugin " + plugin.get() + ", which nothing uses by default",
            "set snapshotter = \"%s\" in the CRI plugin's table".formatted(plugin.get()));
  }
}
