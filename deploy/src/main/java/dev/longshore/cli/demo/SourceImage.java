package dev.longshore.cli.demo;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.Platform;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import dev.longshore.oci.layout.TransferListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The one image of an OCI layout that the demo pushes.
 *
 * @param layout where it is
 * @param manifest the image itself, not an index of several
 * @param expectedOutput what a container of it prints; empty when nobody knows
 */
record SourceImage(ImageLayout layout, ImageManifest manifest, Optional<String> expectedOutput) {

  /** The only image in {@code directory}, or of several the one for this machine, or the first. */
  static SourceImage in(Path directory, Optional<String> expectedOutput) throws IOException {
    ImageLayout layout = ImageLayout.open(directory);
    Manifest found = layout.index();
    while (true) {
      switch (found) {
        case ImageManifest image -> {
          return new SourceImage(layout, image, expectedOutput);
        }
        case ImageIndex index -> {
          if (index.manifests().isEmpty()) {
            throw new IOException("there is no image in the OCI layout " + directory);
          }
          found =
              layout.manifest(
                  index
                      .manifestFor(Platform.current())
                      .orElseGet(() -> index.manifests().getFirst()));
        }
      }
    }
  }

  int layers() {
    return manifest.layers().size();
  }

  /** Layers and configuration, in bytes: what the agents pass to each other. */
  long contentBytes() {
    return manifest.children().stream().mapToLong(Descriptor::size).sum();
  }

  void push(URI registry, RepositoryName repository, Tag tag) throws IOException {
    try (RegistryClient client = RegistryClient.builder(registry).build()) {
      new ImagePusher(client, 3)
          .push(layout, manifest.descriptor(), repository, tag, null, TransferListener.silent());
    }
  }
}
