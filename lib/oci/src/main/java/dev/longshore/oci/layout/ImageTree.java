package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.Platform;
import dev.longshore.oci.TagOrDigest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that an image consists of, each manifest and blob once. */
public final class ImageTree {
  /** Indexes in indexes are legal; deeper than this is an attack or an accident. */
  private static final int MAX_DEPTH = 8;

  private static final int MAX_MANIFESTS = 4_096;

  /** Gets a manifest from wherever the tree comes from. */
  @FunctionalInterface
  interface ManifestSource {
    Manifest load(Descriptor descriptor) throws IOException;
  }

  /** Gets what a reference names, or a manifest by its digest. */
  @FunctionalInterface
  public interface Registry {
    Manifest manifest(TagOrDigest reference) throws IOException;
  }

  /** A manifest and how its parent points to it. */
  record Node(Descriptor descriptor, Manifest manifest) {}

  private final ManifestSource source;
  private final Map<Digest, Node> manifests = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();

  private ImageTree(ManifestSource source) {
    this.source = source;
  }

  /**
   * What a reference names.
   *
   * @param platform the image to take out of a multi-platform one; null for all of them
   */
  public static ImageTree load(
      TagOrDigest reference, @Nullable Platform platform, Registry registry) throws IOException {
    Manifest named = registry.manifest(reference);
    Digest digest = reference instanceof Digest given ? given : named.digest();
    Descriptor root = choose(named, digest, platform);
    return load(
        root,
        wanted -> wanted.digest().equals(digest) ? named : registry.manifest(wanted.digest()));
  }

  /**
   * The one that is meant.
   *
   * @param digest of {@code named}
   * @param platform the image to take out of a multi-platform one; null for all of them
   */
  static Descriptor choose(Manifest named, Digest digest, @Nullable Platform platform)
      throws IOException {
    if (platform != null && named instanceof ImageIndex index) {
      return index
          .manifestFor(platform)
          .orElseThrow(() ->
              new IOException(
                  "there is no image for "
                      + platform
                      + " in "
                      + digest
                      + ", only for "
                      + platforms(index)));
    }
    return new Descriptor(named.mediaType(), digest, named.bytes().length);
  }

  private static List<String> platforms(ImageIndex index) {
    List<String> offered = new ArrayList<>();
    for (Descriptor entry : index.manifests()) {
      Platform platform = entry.platform();
      if (platform != null) {
        offered.add(platform.toString());
      }
    }
    return offered;
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

  /** The manifest or index at the top. */
  public Descriptor root() {
    return manifests().getLast().descriptor();
  }

  /** Configs and layers. */
  public List<Descriptor> blobs() {
    return new ArrayList<>(blobs.values());
  }
}
