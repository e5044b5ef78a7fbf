package dev.longshore.layer.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.Kernel;
import dev.longshore.layer.RawText;
import dev.longshore.layer.Shell;
import dev.longshore.layer.TestEntry;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tree.UnpackCases.UnpackCase;
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

/** The cases of trees, unpacked by containerd itself: each is the upper layer of an image. */
@Tag("node")
final class ContainerdUnpackTest {
  private static final String SNAPSHOTS = "root/io.containerd.snapshotter.v1.overlayfs/snapshots";

  /** Name of a file at the root of each case's layer, by which its snapshot is found. */
  private static final String MARK = "case-";

  @TempDir Path place;
  private Process containerd;

  @BeforeEach
  void start() throws Exception {
    String config =
        """
        version = 2
        root = "%1$s/root"
        state = "%1$s/state"
        disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.grpc.v1.cri"]
        [grpc]
          address = "%1$s/socket"
        """
            .formatted(place);
    Files.writeString(place.resolve("config.toml"), config);
    containerd =
        new ProcessBuilder("containerd", "-c", "config.toml")
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(place.resolve("log").toFile())
            .start();
    Shell.run(
        place,
        "timeout 20 bash -c 'until ctr -a socket version; do sleep 0.05; done' >/dev/null 2>&1");
  }

  @AfterEach
  void stop() throws Exception {
    containerd.destroy();
    assertThat(containerd.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void import_imageOfEachCase_unpacksToWhatTheTreeSays() throws Exception {
    List<UnpackCase> cases = UnpackCases.asContainerd().toList();
    List<List<List<TarEntry>>> images = new ArrayList<>();
    for (UnpackCase unpack : cases) {
      List<TarEntry> layer = new ArrayList<>(unpack.entries());
      layer.add(TestEntry.file(MARK + images.size()));
      images.add(List.of(List.of(), layer));
    }
    LayeredImage.write(images, place);
    Shell.run(place, "ctr -a socket images import --snapshotter overlayfs images.tar");

    for (int i = 0; i < cases.size(); i++) {
      String mark = MARK + i;
      String found = Shell.run(place.resolve(SNAPSHOTS), "ls -d */fs/" + mark).trim();
      List<String> unpacked =
          list(place.resolve(SNAPSHOTS).resolve(found.substring(0, found.lastIndexOf('/'))));
      assertThat(unpacked).as("case %d", i).contains(mark);
      unpacked.remove(mark);
      assertThat(unpacked)
          .as(cases.get(i).toString())
          .containsExactlyInAnyOrderElementsOf(withoutOrigin(cases.get(i).tree()));
    }
  }

  /** containerd does not set the attribute that keeps whiteouts from showing. */
  private static List<String> withoutOrigin(List<String> tree) {
    return tree.stream().map(line -> line.replace(" origin", "")).toList();
  }

  private static List<String> list(Path folder) throws Exception {
    List<String> lines = new ArrayList<>();
    String found = Shell.run(folder, "find . -mindepth 1 -printf '%P\\t%y\\t%n\\t%l\\n'");
    for (String line : found.lines().toList()) {
      String[] fields = line.split("\t", -1);
      String links = fields[2].equals("1") ? "" : " x" + fields[2];
      String path = RawText.ofUtf8(folder.toString()) + "/" + fields[0];
      lines.add(
          fields[0]
              + switch (fields[1]) {
                case "d" ->
                    "/"
                        + ("y".equals(Kernel.xattrs(path).get("trusted.overlay.opaque"))
                            ? " opaque"
                            : "");
                case "l" -> " -> " + fields[3] + links;
                case "c" -> " whiteout";
                default -> links;
              });
    }
    return lines;
  }
}
