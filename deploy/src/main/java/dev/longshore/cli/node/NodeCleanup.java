package dev.longshore.cli.node;

import dev.longshore.cli.process.ExternalCommand;
import dev.longshore.cli.process.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a private containerd apart, whatever state it is in: each step is tried even when the one
 * before it failed, and what could not be done is logged.
 */
final class NodeCleanup {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCleanup.class);
  private static final Duration STEP_LIMIT = Duration.ofSeconds(10);

  private final Path folder;
  private final Path socket;

  NodeCleanup(Path folder, Path socket) {
    this.folder = folder;
    this.socket = socket;
  }

  void run(Process containerd) {
    // An interrupt asks for this very thing: it must not cut the work short.
    boolean interrupted = Thread.interrupted();
    attempt("end its containers", this::killTasks);
    attempt("stop containerd", () -> stop(containerd));
    attempt("end its shims", this::killShims);
    attempt("unmount", this::unmount);
    attempt("delete " + folder, () -> FileTree.delete(folder));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private void attempt(String what, Step step) {
    try {
      step.run();
    } catch (IOException | InterruptedException e) {
      LOG.warn("cleaning up the containerd in {}: could not {}", folder, what, e);
    }
  }

  private void killTasks() throws IOException, InterruptedException {
    if (!Files.exists(socket)) {
      return;
    }
    for (String task : ctr("tasks", "ls", "-q").output().lines().toList()) {
      ctr("tasks", "delete", "--force", task);
    }
  }

  private ExternalCommand.Result ctr(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ctr", "--address", socket.toString()));
    command.addAll(List.of(arguments));
    return ExternalCommand.run(command, STEP_LIMIT);
  }

  private static void stop(Process containerd) throws InterruptedException {
    containerd.destroy();
    if (!containerd.waitFor(STEP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      containerd.destroyForcibly().waitFor();
    }
  }

  /** A shim outlives its containerd by design; ours name our socket on their command line. */
  private void killShims() throws IOException {
    List<ProcessHandle> shims =
        ProcessHandle.allProcesses()
            .filter(process -> process.info().commandLine().orElse("").contains(socket.toString()))
            .filter(process -> process.info().command().orElse("").contains("containerd-shim"))
            .toList();
    for (ProcessHandle shim : shims) {
      shim.descendants().forEach(ProcessHandle::destroyForcibly);
      shim.destroyForcibly();
    }
  }

  private void unmount() throws IOException, InterruptedException {
    // Field 5 of a line is the mount point (proc(5), /proc/pid/mountinfo); the deepest come first.
    List<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> line.split(" ", 6)[4])
            .filter(mount -> mount.startsWith(folder + "/"))
            .sorted(Comparator.reverseOrder())
            .toList();
    for (String mount : mounts) {
      ExternalCommand.run(List.of("umount", "--lazy", mount), STEP_LIMIT).orThrow();
    }
  }
}
