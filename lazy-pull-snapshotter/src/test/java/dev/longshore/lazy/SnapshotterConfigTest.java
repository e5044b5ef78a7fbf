package dev.longshore.lazy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.DeviceChoice;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotterConfigTest {

  @Test
  void load_onlyWhatMustBeGiven_defaults() {
    assertThat(Settings.load(SnapshotterConfig.class, "--root=/r"))
        .isEqualTo(
            new SnapshotterConfig(
                Path.of("/run/longshore/snapshotter.sock"),
                Path.of("/r"),
                URI.create("http://127.0.0.1:7300"),
                Path.of("/var/lib/kubelet/config.json"),
                DataSize.parse("1MiB"),
                true,
                Duration.ofSeconds(60),
                DeviceChoice.AUTO,
                HostAndPort.parse("127.0.0.1:7409")));
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                SnapshotterConfig.class,
                "--socket=/s",
                "--root=/r/../q",
                "--agent=http://10.0.0.1:1",
                "--logins=/l",
                "--lazy-above=5MiB",
                "--background-fill=false",
                "--read-patience=5s",
                "--device=fuse",
                "--admin=0.0.0.0:2"))
        .isEqualTo(
            new SnapshotterConfig(
                Path.of("/s"),
                Path.of("/q"),
                URI.create("http://10.0.0.1:1"),
                Path.of("/l"),
                DataSize.parse("5MiB"),
                false,
                Duration.ofSeconds(5),
                DeviceChoice.FUSE,
                HostAndPort.parse("0.0.0.0:2")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a,b", "/a:b", "/a\\b", "/a\"b"})
  void load_rootThatNoMountOptionHolds_isRefused(String root) {
    assertThatThrownBy(() -> Settings.load(SnapshotterConfig.class, "--root=" + root))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("--root");
  }
}
