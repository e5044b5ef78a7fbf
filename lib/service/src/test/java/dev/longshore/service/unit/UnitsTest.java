package dev.longshore.service.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UnitsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512B, 512",
    "64KiB, 65536",
    "64 kib, 65536",
    "1.5GiB, 1610612736",
    "10MB, 10000000",
    "9007199254740993, 9007199254740993",
    "7PiB, 7881299347898368"
  })
  void size_parse_readsBinaryAndDecimalUnits(String text, long bytes) {
    assertThat(DataSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "-1MiB", "1 2", "5 parsecs", "1e9", "99999999999PiB", "NaN"})
  void size_parse_malformed_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DataSize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1023, 1024, 1025, 65536, 10_000_000, 3L << 40, 1L << 62})
  void size_toString_isReadBack(long bytes) {
    assertThat(DataSize.parse(new DataSize(bytes).toString()).bytes()).isEqualTo(bytes);
  }

  @Test
  void size_rounded_isForPeople() {
    assertThat(new DataSize(1_500_000_000).rounded()).isEqualTo("1.4 GiB");
    assertThat(new DataSize(76_000_000).rounded()).isEqualTo("72 MiB");
    assertThat(new DataSize(5).rounded()).isEqualTo("5 B");
  }

  @ParameterizedTest
  @CsvSource({"100MiB/s, 104857600", "20MB/s, 20000000", "10Gbit/s, 1250000000", "8bit/s, 1"})
  void rate_parse_readsBytesAndBits(String text, long bytesPerSecond) {
    assertThat(DataRate.parse(text).bytesPerSecond()).isEqualTo(bytesPerSecond);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100MiB", "0B/s", "/s", "fast", "1bit/s"})
  void rate_parse_malformed_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DataRate.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "5s, PT5S",
    "250ms, PT0.25S",
    "1h30m, PT1H30M",
    "2d, PT48H",
    "0, PT0S",
    "10us, PT0.00001S"
  })
  void duration_parse_readsParts(String text, Duration expected) {
    assertThat(Durations.parse(text)).isEqualTo(expected);
    assertThat(Durations.parse(Durations.format(expected))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "5 s", "-5s", "5s!", "1.5s", "99999999999999999999d"})
  void duration_parse_malformed_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:5000, 127.0.0.1, 5000",
    "[::1]:80, ::1, 80",
    "node-1.example:0, node-1.example, 0"
  })
  void address_parse_readsBack(String text, String host, int port) {
    HostAndPort address = HostAndPort.parse(text);
    assertThat(address).isEqualTo(new HostAndPort(host, port));
    assertThat(address).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", ":80", "host:", "::1:80", "h:99999", "h:-1", "h:8o", "h:+80"})
  void address_parse_malformed_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> HostAndPort.parse(text));
  }

  @Test
  void address_ofSocket_hasNoScope() throws Exception {
    var socket = new InetSocketAddress(InetAddress.ofLiteral("::1"), 7);
    assertThat(HostAndPort.of(socket)).hasToString("[0:0:0:0:0:0:0:1]:7");
    assertThat(HostAndPort.parse("127.0.0.1:1").isLoopback()).isTrue();
    assertThat(HostAndPort.parse("0.0.0.0:1").isLoopback()).isFalse();
  }
}
