package dev.longshore.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Layers as real tools pack them. */
public final class TestLayers {
  private TestLayers() {}

  /** A tar archive of some files whose content is half random, at least this long. */
  public static byte[] tar(Path scratch, int bytes, long seed) throws Exception {
    Path tree = Files.createDirectories(scratch.resolve("tree-" + seed + "/usr/lib"));
    Random random = new Random(seed);
    int file = 64 << 10;
    for (int i = 0; i * file < bytes; i++) {
      byte[] content = new byte[file];
      random.nextBytes(content);
      java.util.Arrays.fill(content, 0, file / 2, (byte) i);
      Files.write(tree.resolve("file" + i), content);
    }
    Process tar =
        new ProcessBuilder("tar", "--sort=name", "-cf", "-", "-C", scratch + "/tree-" + seed, ".")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    byte[] archive = tar.getInputStream().readAllBytes();
    assertThat(tar.waitFor()).isZero();
    return archive;
  }

  public static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      new ByteArrayInputStream(content).transferTo(gzip);
    }
    return out.toByteArray();
  }
}
