package dev.longshore.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TrackerConfigTest {

  @Test
  void load_nothingGiven_defaults() {
    assertThat(Settings.load(TrackerConfig.class))
        .isEqualTo(
            new TrackerConfig(
                HostAndPort.parse("127.0.0.1:7100"),
                HostAndPort.parse("127.0.0.1:7109"),
                Optional.empty(),
                DataSize.parse("256MiB"),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1)));
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                TrackerConfig.class,
                "--listen=0.0.0.0:1",
                "--admin=0.0.0.0:2",
                "--cluster-key=cluster.key.pub",
                "--map-memory=1GiB",
                "--lease-validity=20s",
                "--lease-settle=3s"))
        .isEqualTo(
            new TrackerConfig(
                HostAndPort.parse("0.0.0.0:1"),
                HostAndPort.parse("0.0.0.0:2"),
                Optional.of(Path.of("cluster.key.pub")),
                DataSize.parse("1GiB"),
                Duration.ofSeconds(20),
                Duration.ofSeconds(3)));
  }

  @Test
  void policy_ofConfig_takesItsNumbers() {
    TrackerPolicy policy =
        TrackerConfig.onFreePorts()
            .withLeases(Duration.ofSeconds(7), Duration.ofSeconds(2))
            .policy();
    assertThat(policy)
        .isEqualTo(
            TrackerPolicy.defaults()
                .withLeases(Duration.ofSeconds(7), Duration.ofSeconds(2))
                .withMapBytes(256L << 20));
  }
}
