package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.util.Optional;

/**
 * All that is kept of a snapshot.
 *
 * @param id never used twice while anything of it is left; names its file and its folder
 * @param usage of a committed one, measured when it was committed
 * @param layer of a remote one: its files are where that layer is mounted, and it has no folder
 */
record SnapshotRecord(long id, SnapshotInfo info, Usage usage, Optional<Digest> layer) {

  String name() {
    return info.name();
  }

  Kind kind() {
    return info.kind();
  }

  /** The chain ID that it was made for: by its label, or by the end of containerd's key. */
  Optional<Digest> chainId() {
    String ref = info.labels().get(Labels.REF);
    String name = info.name();
    // NAMESPACE/NUMBER/KEY, containerd core/metadata/snapshot.go, createKey.
    return Digest.tryParse(ref != null ? ref : name.substring(name.lastIndexOf('/') + 1));
  }

  SnapshotRecord withInfo(SnapshotInfo changed) {
    return new SnapshotRecord(id, changed, usage, layer);
  }
}
