package dev.longshore.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExternalCommandTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void run_bothStreams_keepsThemAndTheCode() throws Exception {
    ExternalCommand.Result result =
        ExternalCommand.run(List.of("sh", "-c", "echo out; echo err >&2; exit 3"), LIMIT);

    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(result.output().lines()).containsExactlyInAnyOrder("out", "err");
    assertThatThrownBy(result::orThrow)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("exit code 3")
        .hasMessageContaining("err");
  }

  @Test
  void run_pastItsLimit_isKilled() {
    assertThatThrownBy(() ->
            ExternalCommand.run(
                List.of("sh", "-c", "echo begun; sleep 600"), Duration.ofMillis(300)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not end within")
        .hasMessageContaining("begun");
  }

  @Test
  void run_noSuchProgram_namesIt() {
    assertThatThrownBy(() -> ExternalCommand.run(List.of("no-such-program-here"), LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-program-here");
  }
}
