package dev.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.service.PortsFile;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code agent} as a process of its own. */
class AgentProcessTest {
  private static final String REPO = "team/app";
  private static final byte[] BLOB = random(5, 16 << 20);

  @TempDir Path folder;

  private @Nullable Process process;

  @AfterEach
  void killWhatIsLeft() {
    if (process != null) {
      var _ = process.toHandle().destroyForcibly();
    }
  }

  @Test
  void kill9_midPull_theNextRunGoesOnFromTheVerifiedPieces() throws Exception {
    ClusterKey key = ClusterKey.loadOrCreate(folder.resolve("cluster.key"));
    try (FakeRegistry registry = new FakeRegistry()) {
      Digest blob = registry.putBlob(REPO, BLOB);
      registry.putPieces(REPO, BLOB, key);
      registry.pauseMillis = 20;
      URI mirror = start();
      int received = readSomeAndKill(mirror, registry, blob);
      assertThat(received).isLessThan(BLOB.length);

      registry.pauseMillis = 0;
      long before = registry.blobBytes();
      try (MirrorClient client = new MirrorClient(start(), registry.name())) {
        assertThat(client.blob(REPO, blob)).isEqualTo(BLOB);
      }
      // What the client had was verified and stored before it was sent.
      assertThat(registry.blobBytes() - before).isLessThanOrEqualTo(BLOB.length - received / 2);
      stopGracefully();
    }
  }

  @Test
  void start_withoutClusterKey_endsWithOneLineThatSaysWhereItIs() throws Exception {
    Path output = folder.resolve("output");
    Process started =
        new ProcessBuilder(command("--data", folder.resolve("data").toString()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    process = started;
    assertThat(started.waitFor()).isEqualTo(1);
    assertThat(Files.readString(output))
        .contains("--cluster-key FILE is needed")
        .contains("cluster.key.pub");
  }

  private int readSomeAndKill(URI mirror, FakeRegistry registry, Digest blob) throws IOException {
    URI url = mirror.resolve("/v2/" + REPO + "/blobs/" + blob + "?ns=" + registry.name());
    int received = 0;
    try (InputStream in = url.toURL().openStream()) {
      received = in.readNBytes(BLOB.length / 3).length;
      Objects.requireNonNull(process).toHandle().destroyForcibly();
      byte[] rest = in.readAllBytes();
      received += rest.length;
    } catch (IOException e) {
      assertThat(received).as("%s", e).isPositive();
    }
    await().until(() -> !Objects.requireNonNull(process).isAlive());
    return received;
  }

  private URI start() throws IOException {
    Path ports = folder.resolve("ports");
    Files.deleteIfExists(ports);
    process =
        new ProcessBuilder(
                command(
                    "--mirror",
                    "127.0.0.1:0",
                    "--peer",
                    "127.0.0.1:0",
                    "--admin",
                    "127.0.0.1:0",
                    "--data",
                    folder.resolve("data").toString(),
                    "--cluster-key",
                    folder.resolve("cluster.key.pub").toString(),
                    "--ports-file",
                    ports.toString()))
            .inheritIO()
            .start();
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ports));
    HostAndPort mirror = Objects.requireNonNull(PortsFile.read(ports).get("mirror"));
    return URI.create("http://" + mirror);
  }

  private void stopGracefully() throws InterruptedException {
    Process running = Objects.requireNonNull(process);
    running.destroy();
    assertThat(running.waitFor()).isZero();
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("--") || option.startsWith("-Dchronicle")) {
        command.add(option);
      }
    }
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            AgentMain.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
