package dev.longshore.bench.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BareLoopTest {

  @Test
  void cpuSeconds_lastPieceShort_countsAndLeavesNothing(@TempDir Path folder) throws Exception {
    assertThat(BareLoop.cpuSeconds(folder, (5 << 20) + 3)).isBetween(0.0, 10.0);
    assertThat(folder).isEmptyDirectory();
  }
}
