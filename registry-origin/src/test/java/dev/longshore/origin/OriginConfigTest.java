package dev.longshore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OriginConfigTest {
  private static final Path KEY = Path.of("cluster.key");
  private static final OriginConfig EXPLICIT =
      new OriginConfig(
          HostAndPort.parse("0.0.0.0:1"),
          Path.of("/data"),
          HostAndPort.parse("0.0.0.0:2"),
          Optional.of(KEY),
          OriginConfig.Anonymous.NONE,
          TransportChoice.NIO,
          DataSize.parse("3MiB"),
          DataSize.parse("4MiB"),
          DataSize.parse("5MiB"),
          Duration.ofHours(6));

  @Test
  void load_onlyWhatIsNeeded_defaults() {
    assertThat(Settings.load(OriginConfig.class, "--data=/data"))
        .isEqualTo(
            new OriginConfig(
                HostAndPort.parse("127.0.0.1:5000"),
                Path.of("/data"),
                HostAndPort.parse("127.0.0.1:5009"),
                Optional.empty(),
                OriginConfig.Anonymous.LOOPBACK,
                TransportChoice.AUTO,
                DataSize.parse("256MiB"),
                DataSize.parse("64MiB"),
                DataSize.parse("64MiB"),
                Duration.ofDays(7)));
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                OriginConfig.class,
                "--listen=0.0.0.0:1",
                "--data=/data",
                "--admin=0.0.0.0:2",
                "--cluster-key=cluster.key",
                "--anonymous=none",
                "--transport=nio",
                "--reserve=3MiB",
                "--manifest-cache=4MiB",
                "--blob-cache=5MiB",
                "--upload-expiry=6h"))
        .isEqualTo(EXPLICIT);
  }

  @Test
  void inDirectory_always_theDefaultsOnFreePorts() {
    assertThat(OriginConfig.inDirectory(Path.of("/data")))
        .isEqualTo(
            Settings.load(
                OriginConfig.class, "--data=/data", "--listen=127.0.0.1:0", "--admin=127.0.0.1:0"));
  }

  @Test
  void with_sameValue_changesNothingElse() {
    assertThat(EXPLICIT.withListen(EXPLICIT.listen())).isEqualTo(EXPLICIT);
    assertThat(EXPLICIT.withClusterKey(KEY)).isEqualTo(EXPLICIT);
    assertThat(EXPLICIT.withAnonymous(EXPLICIT.anonymous())).isEqualTo(EXPLICIT);
    assertThat(EXPLICIT.withReserve(EXPLICIT.reserve())).isEqualTo(EXPLICIT);
  }

  @Test
  void with_otherValue_changesIt() {
    HostAndPort elsewhere = HostAndPort.parse("0.0.0.0:9");
    assertThat(EXPLICIT.withListen(elsewhere).listen()).isEqualTo(elsewhere);
    assertThat(EXPLICIT.withClusterKey(Path.of("other")).clusterKey()).contains(Path.of("other"));
    assertThat(EXPLICIT.withAnonymous(OriginConfig.Anonymous.LOOPBACK).anonymous())
        .isEqualTo(OriginConfig.Anonymous.LOOPBACK);
    assertThat(EXPLICIT.withReserve(DataSize.parse("9MiB")).reserve())
        .isEqualTo(DataSize.parse("9MiB"));
  }
}
