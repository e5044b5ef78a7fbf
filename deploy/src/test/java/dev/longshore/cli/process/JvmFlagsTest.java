package dev.longshore.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmFlagsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "origin",
        "tracker",
        "seeder",
        "agent",
        "snapshotter",
        "standalone",
        "bench",
        "command"
      })
  void of_everyKind_boundsTheHeap(String kind) throws Exception {
    assertThat(JvmFlags.of(kind))
        .anyMatch(flag -> flag.startsWith("-Xmx"))
        .noneMatch(flag -> flag.contains(" "));
  }

  @Test
  void of_anyKind_handsDownWhatChronicleNeeds() throws Exception {
    assertThat(JvmFlags.of("agent"))
        .anyMatch(flag -> flag.startsWith("--add-exports=java.base/sun.nio.ch"))
        .contains("-XX:+UseSerialGC");
  }
}
