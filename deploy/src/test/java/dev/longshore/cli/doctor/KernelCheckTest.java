package dev.longshore.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelCheckTest {
  @TempDir Path folder;

  @Test
  void run_notRoot_saysWhatWasNotTried() throws IOException {
    KernelCheck check = new KernelCheck("5.15.0-generic", false, folder);

    Map<String, Finding> findings = byName(check);

    assertThat(findings)
        .extractingByKey("erofs")
        .returns(Finding.State.UNTRIED, Finding::state)
        .returns("run this as root", Finding::advice);
    for (String newer : List.of("fanotify", "id-mapped mounts")) {
      assertThat(findings).extractingByKey(newer).returns(Finding.State.ABSENT, Finding::state);
    }
    assertThat(check.device()).isEmpty();
  }

  @Test
  @Tag("node")
  void run_root_triesEverythingAndLeavesNothing() throws IOException {
    KernelCheck check = new KernelCheck(System.getProperty("os.version"), true, folder);

    Map<String, Finding> findings = byName(check);

    assertThat(findings.values()).noneMatch(Finding::isTrouble);
    assertThat(check.device()).isPresent();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void version_asUnameSays_isCompared() {
    assertThat(KernelVersion.parse("6.12.3-1-amd64").isAtLeast(6, 12)).isTrue();
    assertThat(KernelVersion.parse("6.2.0").isAtLeast(6, 12)).isFalse();
    assertThat(KernelVersion.parse("10.0").isAtLeast(6, 12)).isTrue();
    assertThat(KernelVersion.parse("strange").isAtLeast(1, 0)).isFalse();
  }

  private static Map<String, Finding> byName(KernelCheck check) throws IOException {
    return check.run().stream().collect(Collectors.toMap(Finding::check, Function.identity()));
  }
}
