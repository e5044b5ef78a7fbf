package dev.longshore.swarm.preheat;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a member does to have an image. All methods may be called from any thread; the first two
 * block.
 */
public interface PreheatingMember {

  /**
   * A manifest, verified.
   *
   * @param authorization what the asker showed for the registry, null when nothing
   * @throws dev.longshore.oci.client.RegistryException as the registry answered; a 401 is passed on
   */
  Manifest manifest(SourceRef source, TagOrDigest reference, @Nullable String authorization)
      throws IOException, InterruptedException;

  /**
   * Returns once the blob is here whole and kept.
   *
   * @throws dev.longshore.swarm.node.SourceDeniedException if it is of no use to try again
   */
  void fetch(SourceRef source, Descriptor blob, @Nullable String authorization)
      throws IOException, InterruptedException;

  /** Bytes of a blob that came and are not in the store yet. */
  long arrived(Digest blob);
}
