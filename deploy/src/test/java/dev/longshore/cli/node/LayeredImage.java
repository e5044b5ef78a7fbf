package dev.longshore.cli.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.cli.process.ExternalCommand;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import dev.longshore.oci.layout.TransferListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** A small image that runs this machine's shell, of as many layers as a test wants. */
final class LayeredImage {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Path folder;
  private final ImageLayout layout;
  private final List<Layer> layers = new ArrayList<>();

  /**
   * One layer.
   *
   * @param blob its compressed bytes in the layout
   * @param diffId digest of the uncompressed ones
   * @param tree a directory with its files
   */
  record Layer(Descriptor blob, Digest diffId, Path tree) {}

  private LayeredImage(Path folder) throws IOException {
    this.folder = folder;
    this.layout = ImageLayout.create(folder.resolve("layout"));
  }

  /** An image whose lowest layer has a shell and {@code cat}, and nothing else yet. */
  static LayeredImage withShell(Path folder) throws IOException, InterruptedException {
    var image = new LayeredImage(Files.createDirectories(folder));
    Path tree = Files.createDirectories(folder.resolve("tree0"));
    run(
        "sh",
        "-ec",
        """
        for program in /bin/sh /bin/cat; do
          cp -L --parents $program $(ldd $program | grep -o '/[^ ]*') "$0"
        done
        mkdir "$0/proc" "$0/dev" "$0/sys"
        """,
        tree.toString());
    image.addTree(tree);
    return image;
  }

  /** Puts a layer on top that has these files. */
  LayeredImage add(Map<String, String> files) throws IOException, InterruptedException {
    Path tree = Files.createDirectories(folder.resolve("tree" + layers.size()));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(tree.resolve(file.getKey()), file.getValue());
    }
    addTree(tree);
    return this;
  }

  private void addTree(Path tree) throws IOException, InterruptedException {
    Path tar = folder.resolve("layer.tar");
    run("tar", "-C", tree.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), ".");
    byte[] bytes = Files.readAllBytes(tar);
    var compressed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(compressed)) {
      gzip.write(bytes);
    }
    Descriptor blob = layout.write(MediaTypes.OCI_LAYER_GZIP, compressed.toByteArray());
    layers.add(new Layer(blob, Digest.sha256(bytes), tree));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    ExternalCommand.run(List.of(command), LIMIT).orThrow();
  }

  List<Layer> layers() {
    return List.copyOf(layers);
  }

  /** Pushes it, with what its containers do. */
  void push(URI registry, String repository, String tag, String script) throws IOException {
    String config =
        """
        {"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/sh","-c","%s"]},
         "rootfs":{"type":"layers","diff_ids":[%s]}}
        """
            .formatted(
                script,
                layers.stream()
                    .map(layer -> '"' + layer.diffId().toString() + '"')
                    .collect(Collectors.joining(",")));
    ImageManifest manifest =
        ImageManifest.of(
            layout.write(MediaTypes.OCI_CONFIG, config.getBytes(UTF_8)),
            layers.stream().map(Layer::blob).toList(),
            Map.of());
    layout.write(manifest.mediaType(), manifest.bytes());
    layout.tag(tag, manifest.descriptor());
    try (RegistryClient client = RegistryClient.builder(registry).build()) {
      var _ =
          new ImagePusher(client, 2)
              .push(
                  layout,
                  layout.resolve(tag),
                  new RepositoryName(repository),
                  new Tag(tag),
                  null,
                  TransferListener.silent());
    }
  }
}
