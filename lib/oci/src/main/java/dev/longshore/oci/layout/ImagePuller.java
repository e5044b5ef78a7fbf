package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.Platform;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.oci.client.FetchedManifest;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.oci.layout.TransferListener.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pulls an image into a layout and lists it there last, so that a listed image is whole. What was
 * left half-way by a pull before is gone on with.
 */
public final class ImagePuller {
  private final RegistryClient client;
  private final int parallel;

  /**
   * @param parallel how many blobs are under way at once, at least 1
   */
  public ImagePuller(RegistryClient client, int parallel) {
    this.client = client;
    this.parallel = parallel;
  }

  /**
   * Pulls one image.
   *
   * @param platform the one to take out of a multi-platform image; null for all of them
   * @param name what the layout lists it as
   * @return the entry in the layout's index
   */
  public Descriptor pull(
      RepositoryName repository,
      TagOrDigest reference,
      @Nullable Platform platform,
      ImageLayout layout,
      String name,
      TransferListener listener)
      throws IOException {
    Descriptor root = root(repository, reference, platform);
    ImageTree tree = ImageTree.load(root, descriptor -> manifest(repository, descriptor, layout));
    BlobDownload download = new BlobDownload(client, repository, listener);
    listener.planned(List.copyOf(tree.blobs()));
    List<ParallelTransfers.Transfer> transfers = new ArrayList<>();
    for (Descriptor blob : tree.blobs()) {
      transfers.add(() -> listener.finished(blob, pullBlob(blob, layout, download)));
    }
    ParallelTransfers.run(transfers, parallel);
    for (ImageTree.Node node : tree.manifests()) {
      layout.write(node.descriptor().digest(), node.manifest().bytes());
    }
    layout.tag(name, root);
    return layout.resolve(name);
  }

  private Descriptor root(
      RepositoryName repository, TagOrDigest reference, @Nullable Platform platform)
      throws IOException {
    FetchedManifest fetched = client.fetchManifest(repository, reference);
    return ImageTree.choose(fetched.parse(), fetched.digest(), platform);
  }

  private Manifest manifest(RepositoryName repository, Descriptor descriptor, ImageLayout layout)
      throws IOException {
    if (layout.has(descriptor)) {
      return layout.manifest(descriptor);
    }
    byte[] bytes = client.fetchManifest(repository, descriptor.digest()).bytes();
    if (bytes.length != descriptor.size()) {
      throw new IOException(
          "manifest "
              + descriptor.digest()
              + ": expected "
              + descriptor.size()
              + " bytes, found "
              + bytes.length);
    }
    return Manifest.parse(bytes, descriptor.mediaType());
  }

  private static Outcome pullBlob(Descriptor blob, ImageLayout layout, BlobDownload download)
      throws IOException {
    if (layout.has(blob)) {
      return Outcome.ALREADY_THERE;
    }
    try {
      download.fetch(blob, layout.partial(blob.digest()), layout.parented(blob.digest()));
      return Outcome.TRANSFERRED;
    } catch (RegistryException e) {
      // Its bytes are at the descriptor's URLs, under somebody else's licence.
      if (e.isNotFound() && MediaTypes.isForeignLayer(blob.mediaType())) {
        return Outcome.LEFT_OUT;
      }
      throw e;
    }
  }
}
