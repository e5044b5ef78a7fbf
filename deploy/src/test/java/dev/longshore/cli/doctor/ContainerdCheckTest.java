package dev.longshore.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerdCheckTest {
  private static final URI MIRROR = URI.create("http://127.0.0.1:7300");

  @TempDir Path folder;

  @Test
  void run_nothingConfigured_saysWhatToWrite() {
    Finding mirror = find("mirror");

    assertThat(mirror.state()).isEqualTo(Finding.State.FAILED);
    assertThat(mirror.advice()).contains("config_path = \"" + folder.resolve("certs.d") + "\"");
    assertThat(find("snapshotter").state()).isEqualTo(Finding.State.ABSENT);
  }

  @Test
  void run_folderOfHostsWithoutOurMirror_saysWhichFile() throws IOException {
    configure("");
    hosts("registry.example", "[host.\"http://127.0.0.1:9999\"]");

    Finding mirror = find("mirror");

    assertThat(mirror.state()).isEqualTo(Finding.State.FAILED);
    assertThat(mirror.advice()).contains("certs.d/REGISTRY/hosts.toml");
  }

  @Test
  void run_mirrorAndSnapshotterConfigured_bothAreWell() throws IOException {
    configure(
        """
        [proxy_plugins."longshore"] # ours
          type = "snapshot"
          address = "/run/longshore/snapshotter.sock"
        [plugins."io.containerd.grpc.v1.cri".containerd]
          snapshotter = 'longshore'
        """);
    hosts("registry.example", "server = \"x\"\n[host.\"" + MIRROR + "\"]");
    hosts("other.example", "[host.\"" + MIRROR + "\"]");

    assertThat(find("mirror").found()).endsWith("for other.example, registry.example");
    assertThat(find("snapshotter").state()).isEqualTo(Finding.State.OK);
  }

  @Test
  void run_pluginThatNothingUses_isToldSo() throws IOException {
    Files.createDirectories(folder.resolve("conf.d"));
    Files.writeString(
        folder.resolve("conf.d/lazy.toml"),
        """
        [proxy_plugins.lazy]
        address = "/run/longshore/snapshotter.sock"
        """);

    Finding snapshotter = find("snapshotter");

    assertThat(snapshotter.state()).isEqualTo(Finding.State.ABSENT);
    assertThat(snapshotter.advice()).contains("snapshotter = \"lazy\"");
  }

  private void configure(String more) throws IOException {
    Files.writeString(
        folder.resolve("config.toml"),
        """
        version = 2
        [plugins."io.containerd.grpc.v1.cri".registry]
          config_path = "%s"
        %s
        """
            .formatted(folder.resolve("certs.d"), more));
  }

  private void hosts(String registry, String content) throws IOException {
    Path hosts = Files.createDirectories(folder.resolve("certs.d").resolve(registry));
    Files.writeString(hosts.resolve("hosts.toml"), content);
  }

  private Finding find(String check) {
    return new ContainerdCheck(folder, MIRROR, Path.of("/run/longshore/snapshotter.sock"))
        .run().stream().filter(finding -> finding.check().equals(check)).findFirst().orElseThrow();
  }
}
