package dev.longshore.bench.torrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.bench.measure.PullResult;
import dev.longshore.service.unit.DataRate;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Needs aria2 from Debian. */
@Tag("node")
@Timeout(60)
final class Aria2SwarmTest {

  @Test
  void pull_twoLeechers_bothGetTheBlobUnderTheCap(@TempDir Path folder) throws Exception {
    LargeBlob blob = new LargeBlob(6_000_000, 7);
    PullResult result;
    try (Aria2Swarm swarm = new Aria2Swarm(folder, DataRate.parse("4MB/s"))) {
      swarm.seed(blob);
      result = swarm.pull(2);
    }
    assertThat(result.seconds()).hasSize(2).allSatisfy(s -> assertThat(s).isGreaterThan(1));
    assertThat(result.cpu().all()).isPositive();
    for (int leecher = 1; leecher <= 2; leecher++) {
      assertThat(folder.resolve("aria2-" + leecher + "/blob"))
          .hasSize(blob.size())
          .hasSameBinaryContentAs(folder.resolve("seed/blob"));
    }
    assertThat(Files.exists(folder.resolve("aria2-3"))).isFalse();
  }
}
