package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.TransferListener.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pushes an image out of a layout: blobs in parallel, then manifests, children first. */
public final class ImagePusher {
  private final RegistryClient client;
  private final int parallel;

  /**
   * @param parallel how many blobs are under way at once, at least 1
   */
  public ImagePusher(RegistryClient client, int parallel) {
    this.client = client;
    this.parallel = parallel;
  }

  /**
   * Pushes one image with everything it is made of; what the registry has is not sent again.
   *
   * @param image an entry of the layout
   * @param target the tag, or the image's own digest
   * @param mountFrom a repository of the same registry that may hold some of the blobs, or null
   * @return the digest of the pushed image
   */
  public Digest push(
      ImageLayout layout,
      Descriptor image,
      RepositoryName repository,
      TagOrDigest target,
      @Nullable RepositoryName mountFrom,
      TransferListener listener)
      throws IOException {
    ImageTree tree = ImageTree.load(image, layout::manifest);
    listener.planned(List.copyOf(tree.blobs()));
    List<ParallelTransfers.Transfer> transfers = new ArrayList<>();
    for (Descriptor blob : tree.blobs()) {
      transfers.add(
          () -> listener.finished(blob, pushBlob(layout, blob, repository, mountFrom, listener)));
    }
    ParallelTransfers.run(transfers, parallel);
    for (ImageTree.Node node : tree.manifests()) {
      Digest digest = node.descriptor().digest();
      boolean root = digest.equals(image.digest());
      Digest pushed = client.pushManifest(repository, root ? target : digest, node.manifest());
      if (root) {
        return pushed;
      }
    }
    throw new AssertionError("a tree ends with its root");
  }

  private Outcome pushBlob(
      ImageLayout layout,
      Descriptor blob,
      RepositoryName repository,
      @Nullable RepositoryName mountFrom,
      TransferListener listener)
      throws IOException {
    if (MediaTypes.isForeignLayer(blob.mediaType()) && !layout.has(blob)) {
      return Outcome.LEFT_OUT;
    }
    if (client.headBlob(repository, blob.digest()).isPresent()) {
      return Outcome.ALREADY_THERE;
    }
    if (mountFrom != null && client.mountBlob(repository, blob.digest(), mountFrom)) {
      return Outcome.MOUNTED;
    }
    client.pushBlob(
        repository, blob.digest(), layout.blob(blob), done -> listener.progress(blob, done));
    return Outcome.TRANSFERRED;
  }
}
