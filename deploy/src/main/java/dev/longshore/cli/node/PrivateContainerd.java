package dev.longshore.cli.node;

import dev.longshore.cli.process.ExternalCommand;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One containerd with everything of its own in one folder, started for a demo or a test and gone
 * without a trace when closed: containers, shims, mounts and files.
 */
public final class PrivateContainerd implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(20);

  /** Under which name containerd knows our snapshotter. */
  private static final String PLUGIN = "longshore";

  private final Path folder;
  private final Process process;
  private final String snapshotter;

  private PrivateContainerd(Path folder, Process process, String snapshotter) {
    this.folder = folder;
    this.process = process;
    this.snapshotter = snapshotter;
  }

  /** Starts one in {@code folder}, which should be new, and waits until it answers. */
  public static PrivateContainerd start(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    return start(folder, NodeAbility.snapshotterFor(folder), "");
  }

  /**
   * The same with a snapshotter of ours for everything.
   *
   * @param snapshotter the socket where it answers, or will
   */
  public static PrivateContainerd start(Path folder, Path snapshotter)
      throws IOException, InterruptedException {
    return start(
        folder,
        PLUGIN,
        """

        [proxy_plugins.%1$s]
          type = "snapshot"
          address = "%2$s"

        [plugins."io.containerd.grpc.v1.cri".containerd]
          snapshotter = "%1$s"
          disable_snapshot_annotations = false
        """
            .formatted(PLUGIN, snapshotter));
  }

  private static PrivateContainerd start(Path folder, String snapshotter, String plugins)
      throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve("certs.d"));
    Files.writeString(folder.resolve("config.toml"), config(folder) + plugins);
    Process process =
        new ProcessBuilder(
                "setsid", "containerd", "--config", folder.resolve("config.toml").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("containerd.log").toFile())
            .start();
    PrivateContainerd started = new PrivateContainerd(folder, process, snapshotter);
    try {
      started.awaitAnswer();
      return started;
    } catch (IOException | InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /** Makes {@code mirror} the only place where this containerd looks for {@code registry}. */
  public void useMirror(String registry, URI mirror) throws IOException {
    HostsToml.write(folder.resolve("certs.d"), registry, mirror, mirror);
  }

  /** Pulls and unpacks the image; its digests are checked by containerd itself. */
  public void pull(String reference, Duration limit) throws IOException, InterruptedException {
    ctr(
        limit,
        "images",
        "pull",
        "--hosts-dir",
        folder.resolve("certs.d").toString(),
        "--snapshotter",
        snapshotter,
        reference);
  }

  /**
   * Pulls the image without the layers that the snapshotter mounts, by the command {@code
   * ctr-remote} of the Debian package stargz-snapshotter.
   */
  public void pullLazily(String reference, Duration limit)
      throws IOException, InterruptedException {
    ExternalCommand.run(
            List.of(
                "ctr-remote",
                "--address",
                socket(folder).toString(),
                "images",
                "rpull",
                "--hosts-dir",
                folder.resolve("certs.d").toString(),
                "--snapshotter",
                snapshotter,
                reference),
            limit)
        .orThrow();
  }

  /** Waits until it reaches its snapshotter again, which may take it seconds after a restart. */
  public void awaitSnapshotter(Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        // Listing none would not ask the snapshotter anything.
        ctr(COMMAND_LIMIT, "snapshots", "--snapshotter", snapshotter, "prepare", "probe");
        ctr(COMMAND_LIMIT, "snapshots", "--snapshotter", snapshotter, "rm", "probe");
        return;
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(100);
      }
    }
  }

  /** Runs the image's own command in a container to its end and returns what it printed. */
  public String run(String reference, String name, Duration limit)
      throws IOException, InterruptedException {
    return ctr(limit, "run", "--rm", "--snapshotter", snapshotter, reference, name).output();
  }

  /**
   * Runs the image's own command in a container to its end.
   *
   * @return when its first byte came ({@link System#nanoTime})
   */
  public long runToFirstOutput(String reference, String name, Duration limit)
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            "ctr",
            "--address",
            socket().toString(),
            "run",
            "--rm",
            "--snapshotter",
            snapshotter,
            reference,
            name);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output;
    long first;
    try (InputStream in = process.getInputStream()) {
      int byteRead = in.read();
      first = System.nanoTime();
      output = (char) byteRead + new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("running " + reference + " failed: " + output);
    }
    return first;
  }

  /** Removes an image and everything that only it needed. */
  public void removeImage(String reference, Duration limit)
      throws IOException, InterruptedException {
    var _ = ctr(limit, "images", "rm", "--sync", reference);
  }

  /** Runs {@code ctr} against this containerd. */
  public ExternalCommand.Result ctr(Duration limit, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ctr", "--address", socket(folder).toString()));
    command.addAll(Arrays.asList(arguments));
    return ExternalCommand.run(command, limit).orThrow();
  }

  /** Where {@code ctr --address} reaches it. */
  public Path socket() {
    return socket(folder);
  }

  private static Path socket(Path folder) {
    return folder.resolve("containerd.sock");
  }

  private static String config(Path folder) {
    // The opt plugin would create /opt/containerd; AppArmor is not there in many containers.
    return """
    version = 2
    root = "%1$s/root"
    state = "%1$s/state"
    disabled_plugins = ["io.containerd.internal.v1.opt"]

    [grpc]
      address = "%1$s/containerd.sock"

    [plugins."io.containerd.grpc.v1.cri"]
      disable_apparmor = true
      [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = "%1$s/certs.d"
    """
        .formatted(folder);
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    IOException last = new IOException("it was not asked");
    while (System.nanoTime() < deadline) {
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "containerd ended with exit code " + process.exitValue() + ":\n" + logTail());
      }
      if (Files.exists(socket(folder))) {
        try {
          ctr(COMMAND_LIMIT, "version");
          return;
        } catch (IOException e) {
          last = e;
        }
      }
    }
    throw new IOException(
        "containerd did not answer within " + START_LIMIT.toSeconds() + " s:\n" + logTail(), last);
  }

  private String logTail() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("containerd.log"));
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }

  /** Ends its containers and itself, unmounts what it mounted and deletes its folder. */
  @Override
  public void close() {
    new NodeCleanup(folder, socket(folder)).run(process);
  }
}
