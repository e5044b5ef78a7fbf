package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's skopeo, buildah and podman against an origin. */
@Tag("node")
class RealClientsTest {
  @TempDir Path data;
  @TempDir Path scratch;
  private Origin origin;

  @BeforeEach
  void startOrigin() throws Exception {
    origin = Origin.start(OriginConfig.inDirectory(data));
  }

  @AfterEach
  void stopOrigin() throws Exception {
    origin.close();
  }

  @Test
  void skopeo_pushAndPull_byTagAndDigest() throws Exception {
    Path layout = scratch.resolve("layout");
    Digest image = writeLayout(layout, 1);
    skopeoCopy("oci:" + layout + ":v1", docker("demo/one:v1"));

    Path byTag = scratch.resolve("by-tag");
    skopeoCopy(docker("demo/one:v1"), "oci:" + byTag + ":v1");
    Path byDigest = scratch.resolve("by-digest");
    skopeoCopy(docker("demo/one@" + image), "oci:" + byDigest + ":v1");

    for (Path pulled : List.of(byTag, byDigest)) {
      assertThat(Files.readString(pulled.resolve("index.json"))).contains(image.toString());
      assertThat(pulled.resolve("blobs/sha256/" + layer(0).digest().hex()))
          .hasBinaryContent(layer(0).content());
    }
    assertThat(run("skopeo", "inspect", "--raw", "--tls-verify=false", docker("demo/one:v1")))
        .contains(layer(0).digest().toString());
    skopeoCopy(docker("demo/one:v1"), docker("demo/two:v1"));
    assertThat(run("skopeo", "list-tags", "--tls-verify=false", docker("demo/two")))
        .contains("\"v1\"");
    run("skopeo", "delete", "--tls-verify=false", docker("demo/two:v1"));
  }

  @Test
  void skopeo_copyAll_keepsTheIndexOfSeveralPlatforms() throws Exception {
    Path layout = scratch.resolve("layout");
    Digest index = writeLayout(layout, 3);
    skopeoCopy("oci:" + layout + ":v1", docker("demo/multi:v1"));
    Path back = scratch.resolve("back");
    skopeoCopy(docker("demo/multi:v1"), "oci:" + back + ":v1");
    assertThat(Files.readString(back.resolve("index.json"))).contains(index.toString());
    for (int i = 0; i < 3; i++) {
      assertThat(back.resolve("blobs/sha256/" + layer(i).digest().hex())).exists();
    }
  }

  /** Without --preserve-digests it would compress the layers on the way. */
  private void skopeoCopy(String from, String to) throws Exception {
    run(
        "skopeo",
        "copy",
        "--all",
        "--preserve-digests",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        from,
        to);
  }

  @Test
  void buildahAndPodman_pushAndPull() throws Exception {
    Path file = Files.writeString(scratch.resolve("hello.txt"), "hello from a layer\n");
    String container = run(store("buildah", "from", "scratch")).strip();
    run(store("buildah", "copy", container, file.toString(), "/hello.txt"));
    run(store("buildah", "commit", container, "localhost/hello:v1"));
    run(store("buildah", "push", "--tls-verify=false", "localhost/hello:v1", docker("demo/b:v1")));
    run(store("buildah", "rmi", "--all", "--force"));

    String name = origin.address() + "/demo/b:v1";
    run(store("podman", "pull", "--tls-verify=false", name));
    run(store("podman", "tag", name, origin.address() + "/demo/p:v2"));
    run(store("podman", "push", "--tls-verify=false", origin.address() + "/demo/p:v2"));
    run(store("podman", "rmi", "--all", "--force"));
    run(store("buildah", "pull", "--tls-verify=false", origin.address() + "/demo/p:v2"));
    String again =
        run(store("buildah", "from", "--pull-never", origin.address() + "/demo/p:v2")).strip();
    String root = run(store("buildah", "mount", again)).strip();
    assertThat(Path.of(root, "hello.txt")).hasContent("hello from a layer\n");
    run(store("buildah", "umount", again));
  }

  private String docker(String reference) {
    return "docker://" + origin.address() + "/" + reference;
  }

  private String[] store(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "--root=" + scratch.resolve("store"),
                "--runroot=" + scratch.resolve("run"),
                "--storage-driver=vfs"));
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile(scratch, "stderr", "");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    assertThat(ended && process.exitValue() == 0)
        .as("%s: %s%s", String.join(" ", command), output, Files.readString(errors))
        .isTrue();
    return output;
  }

  private static final class Content {
    private final byte[] content;

    Content(byte[] content) {
      this.content = content;
    }

    byte[] content() {
      return content;
    }

    Digest digest() {
      return Digest.sha256(content);
    }
  }

  private static Content layer(int number) {
    return new Content(RegistryTestCase.random(200_000 + number, 7 + number));
  }

  /** Writes an OCI layout with the tag v1: an image, or an index of several. */
  private static Digest writeLayout(Path layout, int images) throws IOException {
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    List<String> manifests = new ArrayList<>();
    String[] platforms = {"amd64", "arm64", "riscv64"};
    for (int i = 0; i < images; i++) {
      Content layer = layer(i);
      Content config =
          new Content(
              ("{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                      + "\"diff_ids\":[\"%s\"]}}")
                  .formatted(platforms[i], layer.digest())
                  .getBytes(UTF_8));
      String manifest = RegistryTestCase.manifest(config.content(), layer.content(), "");
      for (Content blob : List.of(layer, config, new Content(manifest.getBytes(UTF_8)))) {
        Files.write(blobs.resolve(blob.digest().hex()), blob.content());
      }
      manifests.add(manifest);
    }
    String top = images == 1 ? manifests.getFirst() : RegistryTestCase.index(manifests, "");
    Digest digest = RegistryTestCase.digest(top);
    Files.writeString(blobs.resolve(digest.hex()), top);
    String type = images == 1 ? RegistryTestCase.MANIFEST : RegistryTestCase.INDEX;
    Files.writeString(
        layout.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[%s]}"
            .formatted(
                RegistryTestCase.descriptor(type, top.getBytes(UTF_8))
                    .replaceFirst(
                        "}$", ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}}")));
    return digest;
  }
}
