package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.VerifyingInputStream;
import dev.longshore.oci.client.BlobSource;
import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An OCI image layout directory (image-spec, image-layout.md): {@code oci-layout}, {@code
 * index.json} and {@code blobs/}.
 *
 * <p>Files appear whole and synced, or not at all. Safe for several threads of one process; of
 * several processes only one may write.
 */
public final class ImageLayout {
  private static final String MARKER = "oci-layout";
  private static final String VERSION = "1.0.0";

  private final Path directory;

  private ImageLayout(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens a layout that is there.
   *
   * @throws IOException if the directory is not a layout of version 1.0.0
   */
  public static ImageLayout open(Path directory) throws IOException {
    Path marker = directory.resolve(MARKER);
    if (!Files.isRegularFile(marker)) {
      throw new IOException(
          directory + " is not an OCI image layout: expected a file " + MARKER + " in it");
    }
    JsonNode version =
        BoundedJson.parseObject(readBounded(marker, 4096), 4096, marker.toString())
            .get("imageLayoutVersion");
    if (version == null || !version.isString() || !version.stringValue().equals(VERSION)) {
      throw new IOException(marker + ": expected \"imageLayoutVersion\": \"" + VERSION + "\"");
    }
    return new ImageLayout(directory);
  }

  /** Opens the layout in this directory, making an empty one where there is none. */
  public static ImageLayout create(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("blobs"));
    ImageLayout layout = new ImageLayout(directory);
    if (!Files.exists(directory.resolve("index.json"))) {
      layout.writeIndex(List.of());
    }
    if (!Files.exists(directory.resolve(MARKER))) {
      ObjectNode marker = BoundedJson.newObject();
      marker.put("imageLayoutVersion", VERSION);
      DurableFiles.write(directory.resolve(MARKER), BoundedJson.write(marker));
    }
    return open(directory);
  }

  public Path directory() {
    return directory;
  }

  /** What {@code index.json} lists. */
  public ImageIndex index() throws IOException {
    Path file = directory.resolve("index.json");
    Manifest index = Manifest.parse(readBounded(file, Manifest.MAX_BYTES), MediaTypes.OCI_INDEX);
    return (ImageIndex) index;
  }

  /**
   * The entry of this name.
   *
   * @param name its {@code org.opencontainers.image.ref.name}; null for the only entry there is
   * @throws IOException if there is none, or several without a name to choose by
   */
  public Descriptor resolve(@Nullable String name) throws IOException {
    List<Descriptor> entries = index().manifests();
    if (name == null) {
      if (entries.size() == 1) {
        return entries.getFirst();
      }
      throw new IOException(
          directory + ": expected one image, found " + entries.size() + "; name one of " + names());
    }
    for (Descriptor entry : entries) {
      if (name.equals(entry.annotations().get(Descriptor.REF_NAME))) {
        return entry;
      }
    }
    throw new IOException(directory + ": no image named '" + name + "', only " + names());
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    for (Descriptor entry : index().manifests()) {
      names.add(entry.annotations().getOrDefault(Descriptor.REF_NAME, entry.digest().toString()));
    }
    return names;
  }

  /** Lists an image under a name, in the place of the one that had it. */
  public void tag(String name, Descriptor image) throws IOException {
    synchronized (this) {
      List<Descriptor> entries = new ArrayList<>();
      for (Descriptor entry : index().manifests()) {
        if (!name.equals(entry.annotations().get(Descriptor.REF_NAME))) {
          entries.add(entry);
        }
      }
      Map<String, String> annotations = new LinkedHashMap<>(image.annotations());
      annotations.put(Descriptor.REF_NAME, name);
      entries.add(image.withAnnotations(annotations));
      writeIndex(entries);
    }
  }

  private void writeIndex(List<Descriptor> entries) throws IOException {
    DurableFiles.write(directory.resolve("index.json"), ImageIndex.of(entries, Map.of()).bytes());
  }

  /** True when the blob is there with this size; its content is not read. */
  public boolean has(Descriptor blob) throws IOException {
    Path file = path(blob.digest());
    return Files.isRegularFile(file) && Files.size(file) == blob.size();
  }

  /** Where a blob is, or would be. */
  public Path path(Digest digest) {
    return directory.resolve("blobs").resolve(digest.algorithm().ociName()).resolve(digest.hex());
  }

  /** A blob's content, not verified. */
  public BlobSource blob(Descriptor blob) throws IOException {
    if (!has(blob)) {
      throw new IOException(
          directory + " lacks blob " + blob.digest() + " of " + blob.size() + " bytes");
    }
    return BlobSource.ofFile(path(blob.digest()));
  }

  /** Reads and verifies a manifest. */
  public Manifest manifest(Descriptor manifest) throws IOException {
    if (!has(manifest)) {
      throw new IOException(
          directory
              + " lacks manifest "
              + manifest.digest()
              + "; pull all platforms into it, or name the one platform that is there");
    }
    byte[] bytes = readBounded(path(manifest.digest()), Manifest.MAX_BYTES);
    Digest.Algorithm algorithm = manifest.digest().algorithm();
    Digest found = Digest.of(algorithm, algorithm.newHasher().digest(bytes));
    if (!found.equals(manifest.digest())) {
      throw new DigestMismatchException(
          path(manifest.digest()).toString(), manifest.digest(), found);
    }
    return Manifest.parse(bytes, manifest.mediaType());
  }

  /** Stores a small blob and returns its descriptor. */
  public Descriptor write(String mediaType, byte[] content) throws IOException {
    Digest digest = Digest.sha256(content);
    DurableFiles.write(parented(digest), content);
    return new Descriptor(mediaType, digest, content.length);
  }

  /** Stores a blob from a stream, verifying size and digest. */
  public void write(Descriptor blob, InputStream content) throws IOException {
    try (InputStream in = new VerifyingInputStream(content, blob.digest(), blob.size())) {
      DurableFiles.write(parented(blob.digest()), in);
    }
  }

  /** Stores a manifest under this digest, which is not always SHA-256. */
  void write(Digest digest, byte[] manifest) throws IOException {
    DurableFiles.write(parented(digest), manifest);
  }

  /** Where the first bytes of a blob wait for the rest; beside the blobs, which must be whole. */
  Path partial(Digest digest) throws IOException {
    Path folder = directory.resolve(".partial");
    Files.createDirectories(folder);
    return folder.resolve(digest.algorithm().ociName() + "-" + digest.hex());
  }

  /** Where a blob goes, in a folder that is there. */
  Path parented(Digest digest) throws IOException {
    Path path = path(digest);
    Files.createDirectories(path.getParent() == null ? directory : path.getParent());
    return path;
  }

  private static byte[] readBounded(Path file, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException(file + ": expected at most " + maxBytes + " bytes, found more");
      }
      return bytes;
    }
  }

  @Override
  public String toString() {
    return "oci:" + directory;
  }
}
