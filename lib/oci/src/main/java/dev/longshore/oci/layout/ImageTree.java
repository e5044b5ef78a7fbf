package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that an image consists of, each manifest and blob once. */
final class ImageTree {
  /** Indexes in indexes are legal; deeper than this is an attack or an accident. */
  private static final int MAX_DEPTH = 8;

  private static final int MAX_MANIFESTS = 4_096;

  /** Gets a manifest from wherever the tree comes from. */
  @FunctionalInterface
  interface ManifestSource {
    Manifest load(Descriptor descriptor) throws IOException;
  }

  /** A manifest and how its parent points to it. */
  record Node(Descriptor descriptor, Manifest manifest) {}

  private final ManifestSource source;
  private final Map<Digest, Node> manifests = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();

  private ImageTree(ManifestSource source) {
    this.source = source;
  }

  static ImageTree load(Descriptor root, ManifestSource source) throws IOException {
    ImageTree tree = new ImageTree(source);
    tree.add(root, 1);
    return tree;
  }

  private void add(Descriptor descriptor, int depth) throws IOException {
    if (manifests.containsKey(descriptor.digest())) {
      return;
    }
    if (depth > MAX_DEPTH || manifests.size() >= MAX_MANIFESTS) {
      throw new IOException(
          "image refused: expected at most "
              + MAX_MANIFESTS
              + " manifests, "
              + MAX_DEPTH
              + " deep, found more");
    }
    Manifest manifest = source.load(descriptor);
    for (Descriptor child : manifest.children()) {
      if (MediaTypes.isManifest(child.mediaType())) {
        add(child, depth + 1);
      } else {
        blobs.putIfAbsent(child.digest(), child);
      }
    }
    // After its children: registries may refuse a manifest before what it is made of.
    manifests.put(descriptor.digest(), new Node(descriptor, manifest));
  }

  /** Children before parents, the root last. */
  List<Node> manifests() {
    return List.copyOf(manifests.values());
  }

  /** Configs and layers. */
  List<Descriptor> blobs() {
    return new ArrayList<>(blobs.values());
  }
}
