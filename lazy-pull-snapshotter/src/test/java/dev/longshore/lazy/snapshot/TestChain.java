package dev.longshore.lazy.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.longshore.oci.Digest;
import java.util.HashMap;
import java.util.Map;

/** The layers of an image, from the lowest: digests as a manifest and a configuration name them. */
final class TestChain {
  private final String image;

  TestChain(String image) {
    this.image = image;
  }

  Digest layer(int n) {
    return Digest.sha256((image + " layer " + n).getBytes(US_ASCII));
  }

  Digest diffId(int n) {
    return Digest.sha256((image + " content " + n).getBytes(US_ASCII));
  }

  Digest chainId(int n) {
    return n == 0
        ? diffId(0)
        : Digest.sha256((chainId(n - 1) + " " + diffId(n)).getBytes(US_ASCII));
  }

  /** The name of the remote snapshot of layer n; empty for the parent of the lowest. */
  String ref(int n) {
    return n < 0 ? "" : chainId(n).toString();
  }

  /** What CRI says when layer n is prepared. */
  Map<String, String> criLabels(int n) {
    Map<String, String> labels = new HashMap<>();
    labels.put("containerd.io/snapshot.ref", ref(n));
    labels.put("containerd.io/snapshot/cri.image-ref", image);
    labels.put("containerd.io/snapshot/cri.layer-digest", layer(n).toString());
    labels.put("containerd.io/snapshot/cri.manifest-digest", manifest().toString());
    labels.put(
        "containerd.io/snapshot/cri.image-layers", layer(n) + "," + layer(n + 1) + ",sha256:12");
    return labels;
  }

  Digest manifest() {
    return Digest.sha256((image + " manifest").getBytes(US_ASCII));
  }
}
