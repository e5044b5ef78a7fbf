package dev.longshore.cli.preheat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.unit.HostAndPort;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreheatOrderTest {

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:7309, false, true",
    "[::1]:7309,     false, true",
    "10.0.0.1:7309,  false, false",
    "10.0.0.1:7309,  true,  true",
  })
  void mayShowLoginTo_memberOnAnotherMachine_onlyWhenTheUserSaysSo(
      String member, boolean sendLogin, boolean may) {
    PreheatOrder order =
        new PreheatOrder(
            "registry.example/app:v1",
            Optional.empty(),
            Duration.ofMinutes(1),
            challenges -> Optional.empty(),
            sendLogin);

    assertThat(order.mayShowLoginTo(HostAndPort.parse(member))).isEqualTo(may);
  }
}
