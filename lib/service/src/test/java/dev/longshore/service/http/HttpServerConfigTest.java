package dev.longshore.service.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.unit.HostAndPort;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HttpServerConfigTest {
  private static final HostAndPort ADDRESS = HostAndPort.parse("127.0.0.1:1");

  @Test
  void of_address_defaults() {
    assertThat(HttpServerConfig.of("listen", ADDRESS))
        .isEqualTo(
            new HttpServerConfig(
                "listen",
                ADDRESS,
                null,
                16_384,
                32 * 1024,
                Duration.ofSeconds(10),
                Duration.ofSeconds(75),
                1024 * 1024));
  }

  @Test
  void with_everything_mapped() throws Exception {
    SslContext tls = SslContextBuilder.forClient().build();
    assertThat(
            new HttpServerConfig("listen", ADDRESS, null, 0, 2, Duration.ZERO, Duration.ZERO, 3)
                .withTls(tls)
                .withMaxConnections(4)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(6)))
        .isEqualTo(
            new HttpServerConfig(
                "listen", ADDRESS, tls, 4, 2, Duration.ofSeconds(5), Duration.ofSeconds(6), 3));
  }
}
