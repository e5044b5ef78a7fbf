package dev.longshore.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.image.DemoImage;
import dev.longshore.cli.process.ExternalCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image that is built here, in the containerd that is started here: no registry yet. */
@Tag("node")
class PrivateContainerdTest {
  @TempDir Path folder;

  @Test
  void run_demoImageImported_printsItsLineAndLeavesNothing() throws Exception {
    assertThat(NodeAbility.missing()).isEmpty();
    DemoImage image = TestImage.get();
    Path archive = folder.resolve("image.tar");
    ExternalCommand.run(
            List.of("tar", "-C", image.layout().toString(), "-cf", archive.toString(), "."),
            Duration.ofMinutes(1))
        .orThrow();
    Path node = folder.resolve("node");

    try (PrivateContainerd containerd = PrivateContainerd.start(node)) {
      containerd.ctr(
          Duration.ofMinutes(2),
          "images",
          "import",
          "--base-name",
          "registry.example/jdk",
          archive.toString());

      String output = containerd.run("registry.example/jdk:demo", "first", Duration.ofMinutes(1));

      assertThat(output.strip()).isEqualTo(image.expectedOutput());
    }

    assertThat(node).doesNotExist();
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(node.toString());
    assertThat(ProcessHandle.allProcesses().map(p -> p.info().commandLine().orElse("")))
        .noneMatch(line -> line.contains(node.toString()));
  }
}
