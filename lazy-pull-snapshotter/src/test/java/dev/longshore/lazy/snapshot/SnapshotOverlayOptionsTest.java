package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotOverlayOptionsTest {
  @TempDir Path folder;

  @Test
  void of_kernels_whatTheyNeed() throws Exception {
    Path first = Files.writeString(folder.resolve("first"), "         0          0 4294967295\n");
    Path nested = Files.writeString(folder.resolve("nested"), "         0       1000      65536\n");
    Path missing = folder.resolve("missing");

    assertThat(OverlayOptions.of(first, missing)).isEmpty();
    assertThat(OverlayOptions.of(missing, first)).containsExactly("index=off");
    assertThat(OverlayOptions.of(nested, first)).containsExactly("userxattr", "index=off");
  }
}
