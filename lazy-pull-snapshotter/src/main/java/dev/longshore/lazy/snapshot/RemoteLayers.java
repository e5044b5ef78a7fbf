package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.Set;

/**
 * Layers that can be mounted before they are here. A layer is mounted once, whatever number of
 * chains and images use it, and is known by its digest.
 *
 * <p>Every method may block and is called on a virtual thread. Of one layer, calls come one at a
 * time; those of different layers come together.
 */
public interface RemoteLayers {

  /**
   * Mounts a layer, or says why not: then containerd fetches and unpacks it itself. A layer that is
   * mounted already is mounted for good: the same answer, at once and without the network.
   *
   * <p>It is not in use until its snapshot is on disk: after a crash between the two, {@link
   * #keepOnly} does not name it.
   *
   * @throws IOException like a refusal: why not
   */
  MountAnswer mount(RemoteLayer wanted) throws IOException;

  /**
   * The first call after a start, before any other: of what is on disk and mounted from earlier
   * runs, these layers are in use. The others may be unmounted and deleted.
   */
  void keepOnly(Set<Digest> layers);

  /**
   * After a start: makes sure that a layer of an earlier run is mounted, from what is on disk: no
   * network, no credentials. It may still be mounted. Called again, with pauses, as long as it
   * fails.
   *
   * @throws IOException what is wrong, for whoever wants to start a container of this image
   */
  LayerMount restore(Digest layer) throws IOException;

  /**
   * No chain uses the layer any more: it may be unmounted and deleted. Containers may still run on
   * it: unmount lazily. Also called for one that was mounted and then not used. Failures are the
   * implementation's to log and to retry.
   */
  void release(Digest layer);

  /** What the layer takes on disk now, as far as that is known. */
  default Usage usage(Digest layer) {
    return Usage.NONE;
  }
}
