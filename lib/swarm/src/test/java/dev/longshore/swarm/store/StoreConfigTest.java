package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class StoreConfigTest {
  private static final Path ROOT = Path.of("/data/store");
  private static final StoreConfig EXPLICIT =
      new StoreConfig(ROOT, 1_000, 0.9, 0.8, Duration.ofSeconds(3), Duration.ofSeconds(4), 5_000);

  @Test
  void defaults_ofRoot_asDocumented() {
    assertThat(StoreConfig.defaults(ROOT))
        .isEqualTo(
            new StoreConfig(
                ROOT,
                Long.MAX_VALUE,
                0.95,
                0.85,
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                65_536));
  }

  @Test
  void with_values_mapped() {
    assertThat(EXPLICIT.withQuota(1).withSyncEvery(Duration.ofMillis(2)).withIndexEntries(300))
        .isEqualTo(
            new StoreConfig(ROOT, 1, 0.9, 0.8, Duration.ofMillis(2), Duration.ofSeconds(4), 300));
  }

  @Test
  void with_valuesThatCannotBe_refused() {
    assertThatThrownBy(() -> EXPLICIT.withQuota(0)).hasMessageContaining("quota");
    assertThatThrownBy(() -> EXPLICIT.withSyncEvery(Duration.ZERO))
        .hasMessageContaining("syncEvery");
    assertThatThrownBy(() -> EXPLICIT.withIndexEntries(63)).hasMessageContaining("indexEntries");
    assertThatThrownBy(
            () -> new StoreConfig(ROOT, 1, 0.8, 0.9, Duration.ofSeconds(3), Duration.ZERO, 64))
        .hasMessageContaining("watermarks");
  }
}
