package dev.longshore.lazy.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.longshore.oci.Digest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A layer that containerd is about to pull, as the labels of its snapshot tell.
 *
 * @param image the image's reference, as the user gave it
 * @param layer digest of the layer's blob
 * @param manifest digest of the image's manifest; ctr-remote does not tell it
 * @param imageLayers layers of the image from this one up, as many as fitted in a label; may be
 *     empty
 * @param chainId what the layer and those below it make together (OCI image-spec, config.md)
 * @param parentChainId what those below it make; empty for the lowest
 * @param labels all labels of the request
 */
public record RemoteLayer(
    String image,
    Digest layer,
    Optional<Digest> manifest,
    List<Digest> imageLayers,
    Digest chainId,
    Optional<Digest> parentChainId,
    Map<String, String> labels) {

  public RemoteLayer {
    imageLayers = List.copyOf(imageLayers);
    labels = Map.copyOf(labels);
  }

  /**
   * Reads the labels of {@code ctr-remote}, of CRI and of the transfer service.
   *
   * @param parentChainId of the snapshot below
   * @return empty when they do not name a layer: a plain pull
   */
  static Optional<RemoteLayer> of(Map<String, String> labels, Optional<Digest> parentChainId) {
    Optional<Digest> chainId = digest(labels, Labels.REF);
    Optional<Digest> layer = digest(labels, Labels.STARGZ_LAYER, Labels.CRI_LAYER);
    Optional<String> image = first(labels, Labels.STARGZ_IMAGE, Labels.CRI_IMAGE);
    if (chainId.isEmpty() || layer.isEmpty() || image.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RemoteLayer(
            image.get(),
            layer.get(),
            digest(labels, Labels.CRI_MANIFEST),
            digests(first(labels, Labels.STARGZ_LAYERS, Labels.CRI_LAYERS).orElse("")),
            chainId.get(),
            parentChainId,
            labels));
  }

  /**
   * Whether a layer of this uncompressed digest is the one that the image's configuration names.
   * Without that check, an image could put its own files under the chain ID of another.
   */
  public boolean isOf(Digest diffId) {
    return parentChainId
        .map(parent -> Digest.sha256((parent + " " + diffId).getBytes(US_ASCII)))
        .orElse(diffId)
        .equals(chainId);
  }

  private static Optional<Digest> digest(Map<String, String> labels, String... keys) {
    return first(labels, keys).flatMap(Digest::tryParse);
  }

  private static Optional<String> first(Map<String, String> labels, String... keys) {
    return Arrays.stream(keys).filter(labels::containsKey).findFirst().map(labels::get);
  }

  /** The last of them may have been cut off by the limit of a label. */
  private static List<Digest> digests(String separated) {
    return Arrays.stream(separated.split(","))
        .map(Digest::tryParse)
        .flatMap(Optional::stream)
        .toList();
  }
}
