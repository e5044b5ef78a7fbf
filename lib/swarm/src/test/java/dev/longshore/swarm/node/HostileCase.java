package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that peers do their worst to; whatever they do, no blob stays open. */
@Timeout(60)
abstract class HostileCase {
  static final int MIB = 1 << 20;

  @TempDir Path folder;
  TestSwarm swarm;
  TestSwarm.Member agent;

  @BeforeEach
  void start() throws IOException {
    swarm = new TestSwarm(folder);
    agent = swarm.agent();
  }

  @AfterEach
  void stop() {
    swarm.close();
    for (TestSwarm.Member member : swarm.members) {
      await().untilAsserted(() -> assertThat(member.files().openClaims()).isZero());
    }
  }

  int port() {
    return agent.node().self().port();
  }

  /** A download from an honest peer completes. */
  void assertStillWorks() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 49);
    swarm.seeder(blob);
    try (SwarmDownload download = agent.pull(blob, null)) {
      download.completion().get(40, TimeUnit.SECONDS);
      assertThat(blob.isIn(download.blob())).isTrue();
    }
  }
}
