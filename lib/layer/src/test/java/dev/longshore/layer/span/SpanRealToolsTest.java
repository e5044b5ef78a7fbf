package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers as the compressors of builders make them. */
@Tag("node")
class SpanRealToolsTest {
  private static final long SEED = 20260615;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip -1",
        "gzip -6",
        "gzip -9",
        "pigz -p 2",
        "pigz -p 2 -i",
        "pigz -p 2 -b 512 -9",
        "bgzip -c",
        "zstd -q -3",
        "zstd -q -19 --long=27"
      })
  void read_whatAToolMade_isTheStream(String command) throws Exception {
    String tool = command.substring(0, command.indexOf(' '));
    assumeTrue(isInstalled(tool), tool + " is not installed");
    byte[] stream = TestBlobs.stream(SEED, 5_000_000);
    byte[] blob = run(command, stream);
    Compression compression = Compression.detect(ByteBuffer.wrap(blob));

    TestScan scan = TestScan.of(compression, blob, 256 << 10);

    assertThat(scan.stream()).isEqualTo(stream);
    assertThat(scan.spans()).hasSizeGreaterThan(tool.equals("zstd") ? 0 : 12);
    try (SpanReader reader = new SpanReader()) {
      for (Span span : scan.spans()) {
        ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(span.streamLength()));
        int from = Math.toIntExact(span.inputOffset());
        reader.read(
            span,
            compression,
            ByteBuffer.wrap(blob, from, Math.toIntExact(span.inputLength())),
            into);
        int at = Math.toIntExact(span.streamOffset());
        assertThat(into.array()).isEqualTo(Arrays.copyOfRange(stream, at, at + into.capacity()));
      }
    }
  }

  private static boolean isInstalled(String tool) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(path -> Files.isExecutable(Path.of(path, tool)));
  }

  private byte[] run(String command, byte[] stream) throws IOException, InterruptedException {
    Path in = Files.write(folder.resolve("stream"), stream);
    Path out = folder.resolve("blob");
    Process process =
        new ProcessBuilder(command.split(" "))
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.waitFor()).as(command).isZero();
    return Files.readAllBytes(out);
  }
}
