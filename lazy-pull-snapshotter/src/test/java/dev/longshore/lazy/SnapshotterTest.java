package dev.longshore.lazy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.DeviceChoice;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("node")
class SnapshotterTest {
  @TempDir Path folder;
  private final MeterRegistry metrics = new SimpleMeterRegistry();

  private SnapshotterConfig config(String socket) {
    return new SnapshotterConfig(
        folder.resolve(socket),
        folder.resolve("root"),
        URI.create("http://127.0.0.1:7300"),
        folder.resolve("logins"),
        DataSize.parse("1MiB"),
        true,
        Duration.ofSeconds(60),
        DeviceChoice.AUTO,
        new HostAndPort("127.0.0.1", 0));
  }

  @Test
  void start_andStop_leavesNoSocketAndCanStartAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      Snapshotter snapshotter = Snapshotter.start(config("s"), metrics);
      assertThat(folder.resolve("s")).exists();
      assertThat(snapshotter.notReady()).isEmpty();
      assertThat(snapshotter.debug().toString()).contains("snapshots");
      snapshotter.stop(Duration.ofSeconds(1));
      snapshotter.close();
      assertThat(folder.resolve("s")).doesNotExist();
    }
    assertThat(metrics.get(SnapshotterMetrics.SNAPSHOTS).tag("kind", "remote").gauge().value())
        .isZero();
  }

  @Test
  void start_rootInUse_saysSo() throws Exception {
    try (Snapshotter _ = Snapshotter.start(config("s"), metrics)) {
      assertThatThrownBy(() -> Snapshotter.start(config("t"), metrics))
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining("in use by another snapshotter");
    }
  }

  @Test
  void start_socketCannotBeHad_failsAndLetsGoOfTheRoot() throws Exception {
    Files.writeString(folder.resolve("file"), "text");

    assertThatThrownBy(() -> Snapshotter.start(config("file"), metrics))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("no socket");
    Snapshotter.start(config("s"), metrics).close();
  }
}
