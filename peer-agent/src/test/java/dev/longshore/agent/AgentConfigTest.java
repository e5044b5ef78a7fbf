package dev.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AgentConfigTest {
  private static final AgentConfig EXPLICIT =
      new AgentConfig(
          HostAndPort.parse("0.0.0.0:1"),
          HostAndPort.parse("0.0.0.0:2"),
          Optional.of("node-1"),
          List.of(HostAndPort.parse("a:3"), HostAndPort.parse("b:4")),
          Map.of("quay.io", URI.create("https://quay.example/")),
          Path.of("/data"),
          "region/zone/rack",
          RateLimit.parse("5MiB/s"),
          RateLimit.parse("6MiB/s"),
          HostAndPort.parse("0.0.0.0:7"),
          Optional.of(Path.of("cluster.key.pub")),
          Optional.of(DataSize.parse("8GiB")),
          true,
          Duration.ofSeconds(9),
          Duration.ofSeconds(10),
          TransportChoice.NIO);

  @Test
  void load_onlyWhatIsNeeded_defaults() {
    assertThat(Settings.load(AgentConfig.class, "--data=/data"))
        .isEqualTo(
            new AgentConfig(
                HostAndPort.parse("127.0.0.1:7300"),
                HostAndPort.parse("127.0.0.1:7301"),
                Optional.empty(),
                List.of(),
                Map.of(),
                Path.of("/data"),
                "",
                RateLimit.parse("100MiB/s"),
                RateLimit.UNLIMITED,
                HostAndPort.parse("127.0.0.1:7309"),
                Optional.empty(),
                Optional.empty(),
                false,
                Duration.ofSeconds(30),
                Duration.ofSeconds(20),
                TransportChoice.AUTO));
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                AgentConfig.class,
                "--mirror=0.0.0.0:1",
                "--peer=0.0.0.0:2",
                "--advertise=node-1",
                "--tracker=a:3,b:4",
                "--upstream=quay.io=https://quay.example/",
                "--data=/data",
                "--zone=region/zone/rack",
                "--upload-limit=5MiB/s",
                "--download-limit=6MiB/s",
                "--admin=0.0.0.0:7",
                "--cluster-key=cluster.key.pub",
                "--quota=8GiB",
                "--stale-tags",
                "--seeder-wait=9s",
                "--stall-timeout=10s",
                "--transport=nio"))
        .isEqualTo(EXPLICIT);
  }

  @Test
  void load_waitsThatCannotBe_refused() {
    assertThatThrownBy(
            () -> Settings.load(AgentConfig.class, "--data=/data", "--stall-timeout=99ms"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("--stall-timeout at least 100ms");
  }
}
