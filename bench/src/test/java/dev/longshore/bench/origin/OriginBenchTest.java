package dev.longshore.bench.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.unit.DataSize;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole comparison in small, with the real servers. */
@Tag("node")
final class OriginBenchTest {

  @Test
  void run_inSmall_measuresEveryServer() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OriginBench.run(
        new OriginBenchSettings(
            1, Duration.ofSeconds(1), DataSize.ofMebibytes(1), DataSize.ofMebibytes(8)),
        new PrintStream(out, true, UTF_8));
    assertThat(out.toString(UTF_8).lines().filter(line -> line.contains(" ×")))
        .hasSize(5)
        .allSatisfy(line -> assertThat(line).doesNotContain("NaN"));
  }
}
