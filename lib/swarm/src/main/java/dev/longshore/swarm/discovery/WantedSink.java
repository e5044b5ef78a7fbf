package dev.longshore.swarm.discovery;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;

/**
 * Told to seeders: somebody wants a blob that no seeder has yet, or its piece map, which the
 * tracker has lost. A seeder that holds the blob already publishes the map again.
 */
@FunctionalInterface
public interface WantedSink {
  void wanted(Digest blob, long size, SourceRef source);
}
