package dev.longshore.cli.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.demo.DemoCluster;
import dev.longshore.cli.process.ExternalCommand;
import dev.longshore.cli.process.FileTree;
import dev.longshore.cli.process.Leftovers;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import dev.longshore.oci.layout.TransferListener;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The clients that people have, against an origin and through an agent: separate processes. */
@org.junit.jupiter.api.Tag("node")
class RealClientsTest {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String IMAGE = DemoCluster.REGISTRY + "/demo/jdk:v1";

  private static Leftovers leftovers;
  private static Path folder;
  private static DemoCluster cluster;
  private static Descriptor image;

  @BeforeAll
  static void startEverything() throws Exception {
    assertThat(NodeAbility.missing()).isEmpty();
    folder = Files.createTempDirectory("lsc"); // podman takes a runroot of 50 characters at most
    leftovers = Leftovers.closedAtExit();
    leftovers.add(() -> FileTree.delete(folder));
    cluster = DemoCluster.start(folder, 1, List.of(), leftovers);
    ImageLayout layout = ImageLayout.open(TestImage.get().layout());
    image = layout.resolve(null);
    try (RegistryClient client = RegistryClient.builder(cluster.origin()).build()) {
      new ImagePusher(client, 3)
          .push(
              layout,
              image,
              new RepositoryName("demo/jdk"),
              new Tag("v1"),
              null,
              TransferListener.silent());
    }
  }

  @AfterAll
  static void stopEverything() {
    leftovers.close();
  }

  @Test
  void ctrPull_straightFromTheOrigin_runs() throws Exception {
    assertThat(pulledAndRun("direct", cluster.origin()))
        .isEqualTo(TestImage.get().expectedOutput());
  }

  @Test
  void ctrPull_throughTheAgent_runs() throws Exception {
    assertThat(pulledAndRun("mirrored", agent())).isEqualTo(TestImage.get().expectedOutput());
  }

  @Test
  void skopeoCopy_throughTheAgent_keepsTheDigest() throws Exception {
    Path copy = folder.resolve("skopeo-copy");

    run(
        "skopeo",
        "--registries-conf",
        registriesConf().toString(),
        "copy",
        "--preserve-digests",
        "docker://" + IMAGE,
        "oci:" + copy + ":v1");

    assertThat(ImageLayout.open(copy).resolve("v1").digest()).isEqualTo(image.digest());
  }

  @Test
  void skopeoCopy_byDigestThroughTheAgent_keepsTheDigest() throws Exception {
    Path copy = folder.resolve("skopeo-by-digest");

    run(
        "skopeo",
        "--registries-conf",
        registriesConf().toString(),
        "copy",
        "docker://" + DemoCluster.REGISTRY + "/demo/jdk@" + image.digest(),
        "oci:" + copy + ":v1");

    assertThat(ImageLayout.open(copy).resolve("v1").digest()).isEqualTo(image.digest());
  }

  @Test
  void podmanPull_throughTheAgent_hasTheImage() throws Exception {
    run(inStore("podman"), "pull", IMAGE);
    String digest = run(inStore("podman"), "image", "inspect", "--format", "{{.Digest}}", IMAGE);

    assertThat(digest.strip()).isEqualTo(image.digest().toString());
  }

  @Test
  void buildahPush_toTheOrigin_isPulledByBuildahThroughTheAgent() throws Exception {
    Path file = Files.writeString(folder.resolve("hello.txt"), "hello from a layer\n");
    List<String> buildah = inStore("buildah");
    String pushed = cluster.origin().getAuthority() + "/demo/hello:v1";
    String name = DemoCluster.REGISTRY + "/demo/hello:v1";
    String made = run(buildah, "from", "scratch").strip();
    run(buildah, "copy", made, file.toString(), "/hello.txt");
    run(buildah, "commit", made, "localhost/hello:v1");
    run(buildah, "push", "--tls-verify=false", "localhost/hello:v1", "docker://" + pushed);
    run(buildah, "rm", made);
    run(buildah, "rmi", "--force", "localhost/hello:v1");

    run(buildah, "pull", name);
    String pulled = run(buildah, "from", "--pull-never", name).strip();
    Path root = Path.of(run(buildah, "mount", pulled).strip());

    assertThat(root.resolve("hello.txt")).hasContent("hello from a layer\n");
    run(buildah, "umount", pulled);
  }

  private static URI agent() {
    return cluster.agents().getFirst().mirror();
  }

  private static String pulledAndRun(String name, URI mirror) throws Exception {
    try (PrivateContainerd containerd = PrivateContainerd.start(folder.resolve(name))) {
      containerd.useMirror(DemoCluster.REGISTRY, mirror);
      containerd.pull(IMAGE, LIMIT);
      return containerd.run(IMAGE, name, LIMIT).strip();
    }
  }

  /** Podman or buildah with a store of its own, which is told of the agent. */
  private static List<String> inStore(String program) throws Exception {
    return List.of(
        "env",
        "CONTAINERS_REGISTRIES_CONF=" + registriesConf(),
        program,
        "--root",
        folder.resolve(program).toString(),
        "--runroot",
        folder.resolve("run-" + program).toString(),
        "--storage-driver",
        // vfs, the other choice, copies every layer whole once for each layer above it.
        NodeAbility.snapshotterFor(folder).equals("overlayfs") ? "overlay" : "vfs");
  }

  /** How skopeo, podman and buildah are told of a mirror (containers-registries.conf(5)). */
  private static Path registriesConf() throws Exception {
    return Files.writeString(
        folder.resolve("registries.conf"),
        """
        [[registry]]
        location = "%s"
        [[registry.mirror]]
        location = "%s"
        insecure = true
        """
            .formatted(DemoCluster.REGISTRY, agent().getAuthority()));
  }

  private static String run(String... command) throws Exception {
    return run(List.of(), command);
  }

  private static String run(List<String> first, String... rest) throws Exception {
    List<String> command = new ArrayList<>(first);
    command.addAll(List.of(rest));
    return ExternalCommand.run(command, LIMIT).orThrow().output();
  }
}
