package dev.longshore.seeder;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SeederConfigTest {
  private static final SeederConfig EXPLICIT =
      new SeederConfig(
          List.of(HostAndPort.parse("a:1"), HostAndPort.parse("b:2")),
          Map.of("quay.io", URI.create("https://quay.example/")),
          HostAndPort.parse("0.0.0.0:3"),
          Optional.of("seeder-1"),
          Path.of("/data"),
          HostAndPort.parse("0.0.0.0:4"),
          Optional.of(Path.of("cluster.key")),
          Optional.of(Path.of("config.json")),
          "region/zone/rack",
          RateLimit.parse("5MiB/s"),
          RateLimit.parse("6MiB/s"),
          Optional.of(DataSize.parse("8GiB")),
          9,
          TransportChoice.NIO);

  @Test
  void load_onlyWhatIsNeeded_defaults() {
    assertThat(Settings.load(SeederConfig.class, "--data=/data"))
        .isEqualTo(
            new SeederConfig(
                List.of(),
                Map.of(),
                HostAndPort.parse("127.0.0.1:7201"),
                Optional.empty(),
                Path.of("/data"),
                HostAndPort.parse("127.0.0.1:7209"),
                Optional.empty(),
                Optional.empty(),
                "",
                RateLimit.UNLIMITED,
                RateLimit.UNLIMITED,
                Optional.empty(),
                4,
                TransportChoice.AUTO));
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                SeederConfig.class,
                "--tracker=a:1,b:2",
                "--upstream=quay.io=https://quay.example/",
                "--peer=0.0.0.0:3",
                "--advertise=seeder-1",
                "--data=/data",
                "--admin=0.0.0.0:4",
                "--cluster-key=cluster.key",
                "--registry-auth=config.json",
                "--zone=region/zone/rack",
                "--upload-limit=5MiB/s",
                "--download-limit=6MiB/s",
                "--quota=8GiB",
                "--parallel=9",
                "--transport=nio"))
        .isEqualTo(EXPLICIT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "257"})
  void load_parallelOutOfBounds_refused(String parallel) {
    assertThatThrownBy(
            () -> Settings.load(SeederConfig.class, "--data=/data", "--parallel=" + parallel))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("--parallel must be 1 to 256, found " + parallel);
  }
}
