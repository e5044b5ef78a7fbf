package dev.longshore.cli.lazybench;

import dev.longshore.cli.process.ExternalCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Builds images of one root file system: the same files each time, and a layer nobody has. */
final class ImageBuilder {
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final String MIRROR_OF_DEBIAN = "bookworm";

  private final Path folder;
  private final Path root;
  private int builds;

  private ImageBuilder(Path folder, Path root) {
    this.folder = folder;
    this.root = root;
  }

  /** Installs an image's packages into a folder, which takes a minute. */
  static ImageBuilder of(DebianImage image, Path folder) throws IOException, InterruptedException {
    Path root = folder.resolve("root");
    Files.createDirectories(folder);
    run(
        "debootstrap",
        "--variant=minbase",
        "--include=" + image.packages(),
        MIRROR_OF_DEBIAN,
        root.toString());
    run(
        "sh",
        "-c",
        "rm -rf %1$s/var/cache/apt/archives/*.deb %1$s/var/lib/apt/lists/*".formatted(root));
    return new ImageBuilder(folder, root);
  }

  /**
   * Builds the image anew and pushes it.
   *
   * @param registry host and port, spoken to in the clear
   * @return its tag
   */
  String push(String registry, String repository, DebianImage image)
      throws IOException, InterruptedException {
    String tag = "v" + ++builds;
    Path layout = folder.resolve("oci" + builds);
    String built = layout + ":" + tag;
    Files.writeString(root.resolve("etc/build"), tag);
    run("umoci", "init", "--layout", layout.toString());
    run("umoci", "new", "--image", built);
    run("umoci", "insert", "--image", built, root.toString(), "/");
    List<String> config = new ArrayList<>(List.of("umoci", "config", "--image", built));
    for (String word : image.command()) {
      config.add("--config.cmd");
      config.add(word);
    }
    run(config.toArray(String[]::new));
    run(
        "skopeo",
        "copy",
        "--dest-tls-verify=false",
        "oci:" + built,
        "docker://%s/%s:%s".formatted(registry, repository, tag));
    run("rm", "-rf", layout.toString());
    return tag;
  }

  private static void run(String... words) throws IOException, InterruptedException {
    var _ = ExternalCommand.run(List.of(words), LIMIT).orThrow();
  }
}
