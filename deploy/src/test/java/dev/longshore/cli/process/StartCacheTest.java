package dev.longshore.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartCacheTest {
  @TempDir Path folder;

  /** A cache is a file that may be stale, cut off or spoilt: a daemon must start all the same. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 1 << 20})
  void use_fileThatIsNoCache_startsWithout(int size) throws Exception {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    Path cache = Files.write(StartCache.file(folder, "agent"), bytes);
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(JvmFlags.of("agent"));
    words.add("-XX:AOTCache=" + cache);
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.addAll(List.of("dev.longshore.cli.Longshore", "agent", "--help"));

    ExternalCommand.Result result = ExternalCommand.run(words, Duration.ofSeconds(60));

    assertThat(result.exitCode()).isZero();
    assertThat(result.output()).contains("--mirror");
  }

  @Test
  void use_noFolder_isNoFlag() {
    assertThat(System.getProperty(StartCache.FOLDER)).isNull();
    assertThat(StartCache.use("agent")).isEmpty();
  }

  @Test
  void use_folderWithOneKind_isItsFlagAlone() throws Exception {
    Path cache = Files.createFile(StartCache.file(folder, "agent"));
    System.setProperty(StartCache.FOLDER, folder.toString());
    try {
      assertThat(StartCache.use("agent")).containsExactly("-XX:AOTCache=" + cache);
      assertThat(StartCache.use("tracker")).isEmpty();
    } finally {
      System.clearProperty(StartCache.FOLDER);
    }
  }
}
