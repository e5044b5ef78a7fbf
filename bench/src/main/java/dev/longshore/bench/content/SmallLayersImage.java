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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An image of many small layers, all of them unlike those of any other seed. */
public final class SmallLayersImage {
  private final Tag tag;
  private final List<byte[]> blobs = new ArrayList<>(); // the configuration, then the layers
  private final byte[] manifest;

  /**
   * An image.
   *
   * @param size bytes in each layer
   */
  public SmallLayersImage(Tag tag, int layers, int size, long seed) {
    this.tag = tag;
    blobs.add(
        ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"seed\":" + seed + "}").getBytes(UTF_8));
    Random random = new Random(seed);
    List<String> descriptors = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      byte[] layer = new byte[size];
      random.nextBytes(layer);
      blobs.add(layer);
      descriptors.add(descriptor("application/vnd.oci.image.layer.v1.tar", layer));
    }
    manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}\
        """
            .formatted(
                MediaTypes.OCI_MANIFEST,
                descriptor("application/vnd.oci.image.config.v1+json", blobs.getFirst()),
                String.join(",", descriptors))
            .getBytes(UTF_8);
  }

  private static String descriptor(String type, byte[] blob) {
    return """
    {"mediaType":"%s","digest":"%s","size":%d}\
    """
        .formatted(type, Digest.sha256(blob), blob.length);
  }

  /** Where its manifest is by tag, on a registry. */
  public String tagPath() {
    return "/v2/" + TestImage.REPOSITORY + "/manifests/" + tag;
  }

  /** Where its manifest is by digest. */
  public String manifestPath() {
    return "/v2/" + TestImage.REPOSITORY + "/manifests/" + manifestDigest();
  }

  public Digest manifestDigest() {
    return Digest.sha256(manifest);
  }

  /** The configuration first, then the layers. */
  public List<Digest> blobs() {
    return blobs.stream().map(Digest::sha256).toList();
  }

  /** Where a blob is. */
  public static String path(Digest blob) {
    return "/v2/" + TestImage.REPOSITORY + "/blobs/" + blob;
  }

  /** Pushes it to a registry. */
  public void push(RegistryClient client) throws IOException {
    RepositoryName repository = new RepositoryName(TestImage.REPOSITORY);
    for (byte[] blob : blobs) {
      client.pushBlob(repository, Digest.sha256(blob), BlobSource.ofBytes(blob), sent -> {});
    }
    try {
      client.pushManifest(repository, tag, Manifest.parse(manifest, MediaTypes.OCI_MANIFEST));
    } catch (MalformedManifestException e) {
      throw new AssertionError("our own manifest", e);
    }
  }
}
