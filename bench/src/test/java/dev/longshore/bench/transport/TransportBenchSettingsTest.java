package dev.longshore.bench.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import dev.longshore.service.unit.DataSize;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TransportBenchSettingsTest {

  private static TransportBenchSettings parse(String... arguments) {
    return Settings.parse(List.of(TransportBenchSettings.class), arguments)
        .get(TransportBenchSettings.class);
  }

  @Test
  void parse_nothing_hasDefaults() {
    assertThat(parse())
        .isEqualTo(
            new TransportBenchSettings(
                List.of(Traffic.values()),
                List.of(Way.values()),
                DataSize.parse("1GB"),
                Duration.ofSeconds(3),
                3));
  }

  @Test
  void parse_eachSetting_isTaken() {
    assertThat(
            parse(
                "--traffic",
                "tls",
                "--way",
                "nio,io_uring_ring",
                "--size",
                "300KiB",
                "--time",
                "1s",
                "--rounds",
                "2"))
        .isEqualTo(
            new TransportBenchSettings(
                List.of(Traffic.TLS),
                List.of(Way.NIO, Way.IO_URING_RING),
                DataSize.parse("300KiB"),
                Duration.ofSeconds(1),
                2))
        .returns(2, TransportBenchSettings::pieces);
  }

  @Test
  void parse_lessThanAPiece_saysTheRange() {
    assertThatThrownBy(() -> parse("--size", "1KiB"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("256KiB to 512TiB, found 1KiB");
  }
}
