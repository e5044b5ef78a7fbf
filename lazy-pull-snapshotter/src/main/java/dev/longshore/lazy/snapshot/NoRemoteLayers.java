package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.Set;

/** Offers nothing: every layer is fetched and unpacked by containerd. */
public final class NoRemoteLayers implements RemoteLayers {
  @Override
  public MountAnswer mount(RemoteLayer wanted) {
    return new MountAnswer.Declined("this snapshotter mounts no layers");
  }

  @Override
  public void keepOnly(Set<Digest> layers) {}

  @Override
  public LayerMount restore(Digest layer) throws IOException {
    throw new IOException("this snapshotter mounts no layers, and an earlier run mounted " + layer);
  }

  @Override
  public void release(Digest layer) {}
}
