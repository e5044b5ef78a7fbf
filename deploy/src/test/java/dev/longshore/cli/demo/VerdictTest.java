package dev.longshore.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private static final long IMAGE = 200_000_000;

  @Test
  void good_everythingRightAndLittleEgress_isTrue() {
    assertThat(verdict(Optional.empty(), 205_000_000).good()).isTrue();
  }

  @Test
  void good_sourceSentTooMuch_isFalse() {
    Verdict verdict = verdict(Optional.empty(), 221_000_000);

    assertThat(verdict.good()).isFalse();
    assertThat(printed(verdict)).contains("1.11 x the image").contains("EXPECTED AT MOST");
  }

  @Test
  void good_oneNodeFailed_isFalseAndSaysWhy() {
    Verdict verdict = verdict(Optional.of("wrong digest"), IMAGE);

    assertThat(verdict.good()).isFalse();
    assertThat(printed(verdict)).contains("agent-1").contains("FAILED: wrong digest");
  }

  private static Verdict verdict(Optional<String> failure, long sourceBytes) {
    AgentTraffic traffic = new AgentTraffic(100_000_000, 0, 100_000_000);
    NodeResult node =
        new NodeResult("agent-1", 2_000_000_000L, 5_000_000_000L, traffic, failure, true);
    return new Verdict(List.of(node), IMAGE, sourceBytes);
  }

  private static String printed(Verdict verdict) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    verdict.print(new PrintStream(bytes, true, UTF_8));
    return bytes.toString(UTF_8);
  }
}
