package dev.longshore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/** Runs commands of the system's; scripts and what they print are raw text. */
public final class Shell {
  private Shell() {}

  /** Runs a bash script in a folder and gives what it printed; it must succeed. */
  public static String run(Path folder, String script) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = RawText.of(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
