package dev.longshore.seeder;

import dev.longshore.swarm.preheat.FetchQueue;
import java.util.List;

/**
 * What {@code /debug} shows of a seeder.
 *
 * @param self {@code id@host:port} as a swarm member
 * @param bytesHeld bytes of pieces on disk
 * @param wanted blobs that were asked for and how each stands
 * @param blobs what the store knows
 * @param swarm connections, downloads and uploads of the swarm node
 */
record SeederState(
    String self, long bytesHeld, List<FetchQueue.Report> wanted, List<Blob> blobs, Object swarm) {

  /**
   * One blob of the store.
   *
   * @param held pieces of {@code pieces} that are here
   */
  record Blob(String digest, long size, int pieces, int held) {}
}
