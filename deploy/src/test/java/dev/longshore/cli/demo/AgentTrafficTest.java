package dev.longshore.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

class AgentTrafficTest {

  @Test
  void of_severalDownloads_addsThemUp() {
    var debug =
        new ObjectMapper()
            .readTree(
                """
                {"agent": {"downloads": [
                  {"digest": "sha256:a", "fromSource": 5, "fromSeeders": 0, "fromPeers": 7},
                  {"digest": "sha256:b", "fromSource": 3000000000, "fromSeeders": 1, "fromPeers": 0}
                ]}}
                """);

    assertThat(AgentTraffic.of(debug)).isEqualTo(new AgentTraffic(3_000_000_005L, 1, 7));
  }

  @Test
  void of_noDownloads_isNone() {
    assertThat(AgentTraffic.of(new ObjectMapper().readTree("{}"))).isEqualTo(AgentTraffic.NONE);
  }
}
