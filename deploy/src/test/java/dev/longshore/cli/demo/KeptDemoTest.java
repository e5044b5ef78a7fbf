package dev.longshore.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.process.FileTree;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.Platform;
import dev.longshore.oci.layout.ImageLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** {@code demo --keep} as it is used: on a terminal, of which script(1) makes one, until Ctrl-C. */
@Tag("node")
class KeptDemoTest {
  private static final byte CTRL_C = 3;

  private Path folder;

  /** Not a TempDir: the path of containerd's socket has 104 characters at most. */
  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lsk");
  }

  @AfterEach
  void deleteFolder() throws IOException {
    FileTree.delete(folder);
  }

  @Test
  @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
  void keep_ctrlCOnTheTerminal_endsAndLeavesNothing() throws Exception {
    Path image = writeImage();
    Path scratch = Files.createDirectory(folder.resolve("t"));
    Process process = start(scratch, "demo", "--agents", "1", "--image", "oci:" + image, "--keep");
    try (InputStream screen = process.getInputStream();
        OutputStream keyboard = process.getOutputStream()) {
      String shown = readUntil(screen, "until Ctrl-C");
      assertThat(shown)
          .contains("1 layer,", "1 agent,", "registry.longshore.internal/demo/image:demo");
      assertThat(status(shown, "pushed to (http://[0-9.:]+)", "/v2/")).isEqualTo(200);
      for (String daemon : List.of("origin", "tracker", "seeder", "agent-1")) {
        String admin = daemon + ".*admin +(http://[0-9.:]+)";
        assertThat(status(shown, admin, "/healthz")).as(daemon).isEqualTo(200);
      }

      keyboard.write(CTRL_C);
      keyboard.flush();

      assertThat(new String(screen.readAllBytes(), UTF_8)).contains("Stopping everything");
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(130);
    } finally {
      process.destroyForcibly();
    }
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left.filter(path -> path.getFileName().toString().contains("demo"))).isEmpty();
    }
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(scratch + "/");
    assertThat(ProcessHandle.allProcesses().map(p -> p.info().commandLine().orElse("")))
        .noneMatch(line -> line.contains(scratch + "/"));
  }

  private static Process start(Path scratch, String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--") || option.startsWith("-Dchronicle"))
        .forEach(words::add);
    words.add("-Djava.io.tmpdir=" + scratch);
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.add("dev.longshore.cli.Longshore");
    words.addAll(List.of(arguments));
    String command =
        String.join(" ", words.stream().map(w -> "'" + w.replace("'", "'\\''") + "'").toList());
    // The signal is ignored by what a shell runs in its background, and a JVM leaves it at that.
    String withSignal = "exec env --default-signal=INT " + command;
    return new ProcessBuilder("script", "-qefc", withSignal, "/dev/null")
        .redirectErrorStream(true)
        .start();
  }

  private static String readUntil(InputStream screen, String text) throws IOException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    for (int b = screen.read(); b >= 0; b = screen.read()) {
      shown.write(b);
      if (b == '\n' && shown.toString(UTF_8).contains(text)) {
        return shown.toString(UTF_8);
      }
    }
    throw new IOException("it ended before it said '" + text + "':\n" + shown.toString(UTF_8));
  }

  private static int status(String shown, String address, String path) throws Exception {
    Matcher found = Pattern.compile(address).matcher(shown);
    assertThat(found.find()).as("%s in %s", address, shown).isTrue();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(found.group(1) + path)).build();
      return http.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  /** An image that containerd can unpack: its one layer is an archive with nothing in it. */
  private Path writeImage() throws IOException {
    byte[] layer = new byte[1 << 20]; // zeros end an archive (tar(5)); what follows them is ignored
    String config =
        "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
            .formatted(Platform.current().architecture(), Digest.sha256(layer));
    ImageLayout layout = ImageLayout.create(folder.resolve("image"));
    ImageManifest manifest =
        ImageManifest.of(
            layout.write(MediaTypes.OCI_CONFIG, config.getBytes(UTF_8)),
            List.of(layout.write(MediaTypes.OCI_LAYER, layer)),
            Map.of());
    layout.write(manifest.mediaType(), manifest.bytes());
    layout.tag("v1", manifest.descriptor());
    return layout.directory();
  }
}
