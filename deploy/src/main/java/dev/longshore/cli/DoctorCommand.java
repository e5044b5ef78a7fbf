package dev.longshore.cli;

import dev.longshore.cli.doctor.Checkup;
import dev.longshore.cli.progress.JsonLines;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code longshore doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "what this node and its kernel can do, and what is missing",
    footer = {
      "",
      "As root it mounts a small layer each way the snapshotter could, reads it and takes it away",
      "again; else it says what it could not try. containerd's files are only read. Exits with 0",
      "when everything that is needed works, with 1 otherwise.",
    })
final class DoctorCommand extends JsonCommand {
  @Option(
      names = "--root",
      paramLabel = "DIR",
      defaultValue = "${sys:java.io.tmpdir}",
      description =
          "a folder on the file system where the snapshotter's layers will be (default:"
              + " ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path root;

  @Option(
      names = "--containerd-root",
      paramLabel = "DIR",
      defaultValue = "/etc/containerd",
      description = "containerd's configuration (default: ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path containerd;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:7300",
      converter = AgentAccess.AgentUrl.class,
      description = "the agent's mirror that containerd should ask (default: ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private URI mirror;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      defaultValue = "/run/longshore/snapshotter.sock",
      description = "the snapshotter's socket (default: ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Path socket;

  @Override
  public Integer call() throws IOException {
    Checkup checkup = Checkup.take(root.toAbsolutePath(), containerd, mirror, socket);
    if (json()) {
      ObjectNode event = JsonLines.event("doctor");
      event.setAll(checkup.json());
      new JsonLines(out()).print(event);
    } else {
      checkup.print(out());
    }
    return checkup.isHealthy() ? 0 : 1;
  }
}
