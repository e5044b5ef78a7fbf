package dev.longshore.cli.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class StandaloneConfigTest {

  @Test
  void load_onlyWhatIsNeeded_defaults() {
    assertThat(Settings.load(StandaloneConfig.class, "--data=/data"))
        .isEqualTo(
            new StandaloneConfig(
                Path.of("/data"),
                HostAndPort.parse("127.0.0.1:5000"),
                HostAndPort.parse("127.0.0.1:7300"),
                HostAndPort.parse("127.0.0.1:7301"),
                HostAndPort.parse("127.0.0.1:7100"),
                HostAndPort.parse("127.0.0.1:5009")));
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                StandaloneConfig.class,
                "--data=/data",
                "--listen=0.0.0.0:1",
                "--mirror=0.0.0.0:2",
                "--peer=0.0.0.0:3",
                "--tracker=0.0.0.0:4",
                "--admin=0.0.0.0:5"))
        .isEqualTo(
            new StandaloneConfig(
                Path.of("/data"),
                HostAndPort.parse("0.0.0.0:1"),
                HostAndPort.parse("0.0.0.0:2"),
                HostAndPort.parse("0.0.0.0:3"),
                HostAndPort.parse("0.0.0.0:4"),
                HostAndPort.parse("0.0.0.0:5")));
  }
}
