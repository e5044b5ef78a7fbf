package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class DoctorCommandTest {
  @TempDir Path folder;

  @Test
  void call_containerdIsNotConfigured_exitsWithOneAndSaysWhatToDo() {
    CommandRun run = doctor().failed();

    assertThat(run.out())
        .contains("failed   mirror")
        .contains("-> set config_path = \"" + folder.resolve("certs.d"))
        .contains("does not work or could not be tried.");
  }

  @Test
  void call_json_hasEveryCheck() {
    JsonNode result = doctor("--json").failed().result();

    assertThat(result.get("event").asString()).isEqualTo("doctor");
    assertThat(result.get("healthy").asBoolean()).isFalse();
    assertThat(result.get("checks"))
        .extracting(check -> check.get("check").asString())
        .contains("kernel", "erofs", "overlayfs", "epoll", "containerd", "mirror", "snapshotter");
    assertThat(result.get("checks"))
        .filteredOn(check -> check.get("state").asString().equals("failed"))
        .allMatch(check -> !check.get("advice").asString().isEmpty());
  }

  private CommandRun doctor(String... more) {
    String[] all = new String[3 + more.length];
    all[0] = "doctor";
    all[1] = "--root=" + folder;
    all[2] = "--containerd-root=" + folder;
    System.arraycopy(more, 0, all, 3, more.length);
    return CommandRun.of(all);
  }
}
