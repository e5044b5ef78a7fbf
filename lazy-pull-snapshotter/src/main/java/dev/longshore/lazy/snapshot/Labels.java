package dev.longshore.lazy.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

/**
 * The labels that mean something here. containerd hands on {@link #REF} and what begins with {@code
 * containerd.io/snapshot/}, nothing else.
 */
final class Labels {
  /** The chain ID of the layer that is about to be unpacked; containerd core/unpack. */
  static final String REF = "containerd.io/snapshot.ref";

  /** Marks a snapshot whose layer is mounted; stargz-snapshotter's tools look for it. */
  static final String REMOTE = "containerd.io/snapshot/remote";

  static final String REMOTE_VALUE = "remote snapshot";

  /** {@code container:host:size}, containerd core/snapshots/snapshotter.go. */
  static final String UID_MAPPING = "containerd.io/snapshot/uidmapping";

  static final String GID_MAPPING = "containerd.io/snapshot/gidmapping";

  // containerd pkg/snapshotters/annotations.go: CRI, and the transfer service when it is told to.
  static final String CRI_IMAGE = "containerd.io/snapshot/cri.image-ref";
  static final String CRI_MANIFEST = "containerd.io/snapshot/cri.manifest-digest";
  static final String CRI_LAYER = "containerd.io/snapshot/cri.layer-digest";
  static final String CRI_LAYERS = "containerd.io/snapshot/cri.image-layers";

  // stargz-snapshotter fs/source: ctr-remote and nerdctl.
  static final String STARGZ_IMAGE = "containerd.io/snapshot/remote/stargz.reference";
  static final String STARGZ_LAYER = "containerd.io/snapshot/remote/stargz.digest";
  static final String STARGZ_LAYERS = "containerd.io/snapshot/remote/stargz.layers";

  private static final int MAX_BYTES = 4096;

  private Labels() {}

  /** Refuses labels larger than containerd's API allows. */
  static void check(Map<String, String> labels) throws SnapshotException {
    for (Map.Entry<String, String> label : labels.entrySet()) {
      int size = bytes(label.getKey()) + bytes(label.getValue());
      if (size > MAX_BYTES) {
        throw SnapshotException.invalidArgument(
            "label %s and its value take %d bytes, expected at most %d"
                .formatted(abbreviate(label.getKey()), size, MAX_BYTES));
      }
    }
  }

  private static int bytes(String text) {
    return text.getBytes(UTF_8).length;
  }

  private static String abbreviate(String key) {
    return key.length() <= 64 ? key : key.substring(0, 64) + "…";
  }
}
