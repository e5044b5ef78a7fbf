package dev.longshore.bench.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.Digest;
import dev.longshore.oci.MalformedManifestException;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.BlobSource;
import dev.longshore.oci.client.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image of one layer: a manifest, an empty configuration and a large layer. */
public final class TestImage {
  public static final String REPOSITORY = "bench/image";

  private final byte[] config = "{}".getBytes(UTF_8);
  private final LargeBlob layer;
  private final Tag tag;
  private final Digest layerDigest;
  private final byte[] manifest;

  /** An image tagged {@code v1}. */
  public TestImage(LargeBlob layer) {
    this(layer, new Tag("v1"));
  }

  public TestImage(LargeBlob layer, Tag tag) {
    this.layer = layer;
    this.tag = tag;
    this.layerDigest = layer.digest();
    manifest =
        """
        {"schemaVersion":2,"mediaType":"%s",\
        "config":{"mediaType":"%s","digest":"%s","size":%d},\
        "layers":[{"mediaType":"%s","digest":"%s","size":%d}]}\
        """
            .formatted(
                MediaTypes.OCI_MANIFEST,
                "application/vnd.oci.image.config.v1+json",
                Digest.sha256(config),
                config.length,
                "application/vnd.oci.image.layer.v1.tar",
                layerDigest,
                layer.size())
            .getBytes(UTF_8);
  }

  public Tag tag() {
    return tag;
  }

  public Digest layerDigest() {
    return layerDigest;
  }

  /** Where the manifest is on a registry. */
  public String manifestPath() {
    return "/v2/" + REPOSITORY + "/manifests/" + tag;
  }

  /** Where the layer is on a registry. */
  public String layerPath() {
    return "/v2/" + REPOSITORY + "/blobs/" + layerDigest;
  }

  /** Pushes it to a registry. */
  public void push(URI registry) throws IOException {
    RepositoryName repository = new RepositoryName(REPOSITORY);
    try (RegistryClient client = RegistryClient.builder(registry).build()) {
      client.pushBlob(repository, layerDigest, layer, sent -> {});
      client.pushBlob(repository, Digest.sha256(config), BlobSource.ofBytes(config), sent -> {});
      client.pushManifest(repository, tag, Manifest.parse(manifest, MediaTypes.OCI_MANIFEST));
    } catch (MalformedManifestException e) {
      throw new AssertionError("our own manifest", e);
    }
  }

  /** As plain files, for a server of files. */
  public void write(Path root) throws IOException {
    Files.write(file(root, manifestPath()), manifest);
    try (InputStream in = layer.open(0)) {
      Files.copy(in, file(root, layerPath()));
    }
  }

  private static Path file(Path root, String path) throws IOException {
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.resolveSibling("."));
    return file;
  }
}
