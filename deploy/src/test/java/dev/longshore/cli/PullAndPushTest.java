package dev.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.process.ChildDaemon;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.service.unit.HostAndPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code push} and {@code pull} against a {@code standalone} process. */
class PullAndPushTest {
  private static final long SEED = 20260101;
  private static final int LAYER_BYTES = 3_000_000;

  @TempDir static Path folder;

  private static ChildDaemon standalone;
  private static String registry;
  private static String agent;
  private static ImageLayout layout;
  private static Descriptor image;

  @BeforeAll
  static void startStandalone() throws Exception {
    String any = "127.0.0.1:0";
    standalone =
        ChildDaemon.start(
            "standalone",
            "standalone",
            folder.resolve("logs"),
            List.of(
                "--data",
                folder.resolve("data").toString(),
                "--listen",
                any,
                "--mirror",
                any,
                "--peer",
                any,
                "--tracker",
                any,
                "--admin",
                any));
    Map<String, HostAndPort> addresses = standalone.addresses();
    registry = String.valueOf(addresses.get("listen"));
    agent = "http://" + addresses.get("mirror");
    layout = ImageLayout.create(folder.resolve("image"));
    byte[] layer = new byte[LAYER_BYTES];
    new Random(SEED).nextBytes(layer);
    ImageManifest manifest =
        ImageManifest.of(
            layout.write(MediaTypes.OCI_CONFIG, "{}".getBytes(UTF_8)),
            List.of(layout.write(MediaTypes.OCI_LAYER, layer)),
            Map.of());
    layout.write(manifest.mediaType(), manifest.bytes());
    layout.tag("v1", manifest.descriptor());
    image = manifest.descriptor();
    CommandRun.of("push", "oci:" + layout.directory(), registry + "/team/app:v1").succeeded();
  }

  @AfterAll
  static void stopStandalone() {
    standalone.close();
  }

  @Test
  void pull_throughTheAgent_hasTheSameImage() throws Exception {
    Path copy = folder.resolve("by-agent");

    CommandRun pulled =
        CommandRun.of("pull", "--agent", agent, registry + "/team/app:v1", "--output=oci:" + copy)
            .succeeded();

    assertThat(pulled.out()).isEqualTo(image.digest() + "\n");
    assertSameImage(copy);
  }

  @Test
  void pull_direct_hasTheSameImage() throws Exception {
    Path copy = folder.resolve("direct");

    CommandRun.of("pull", "--direct", registry + "/team/app:v1", "--output=oci:" + copy)
        .succeeded();

    assertSameImage(copy);
  }

  @Test
  void pull_unknownTag_saysSoInOneLine() {
    CommandRun pulled =
        CommandRun.of(
                "pull",
                "--direct",
                registry + "/team/app:v2",
                "--output=oci:" + folder.resolve("no"))
            .failed();

    assertThat(pulled.err()).contains("has no tag v2");
  }

  @Test
  void pull_noAgent_saysHowToDoWithout() {
    CommandRun pulled =
        CommandRun.of(
                "pull",
                "--agent",
                "http://127.0.0.1:1",
                registry + "/team/app:v1",
                "--output=oci:" + folder.resolve("none"))
            .failed();

    assertThat(pulled.err()).contains("no agent answers at http://127.0.0.1:1", "--direct");
  }

  @Test
  void push_again_sendsNothingAndSaysSo() {
    CommandRun pushed =
        CommandRun.of("push", "--json", "oci:" + layout.directory(), registry + "/team/app:v1")
            .succeeded();

    assertThat(pushed.result().path("digest").asString()).isEqualTo(image.digest().toString());
    assertThat(pushed.result().path("received").asLong(-1)).isZero();
  }

  private static void assertSameImage(Path copy) throws Exception {
    ImageLayout pulled = ImageLayout.open(copy);
    assertThat(pulled.resolve("v1").digest()).isEqualTo(image.digest());
    for (Descriptor child : ((ImageManifest) pulled.manifest(image)).children()) {
      assertThat(Files.mismatch(pulled.path(child.digest()), layout.path(child.digest())))
          .as("first different byte of " + child.digest())
          .isEqualTo(-1);
    }
  }
}
