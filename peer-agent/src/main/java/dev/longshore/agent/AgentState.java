package dev.longshore.agent;

import dev.longshore.agent.blob.TransferReport;
import dev.longshore.swarm.store.PieceStore.BlobSummary;
import java.util.List;

/**
 * What {@code /debug} shows of an agent.
 *
 * @param self {@code id@host:port} as a swarm member
 * @param bytesHeld bytes of pieces on disk
 * @param downloads blobs on their way here, and the last thousand that came, oldest first
 * @param blobs what the store knows
 * @param swarm connections, downloads and uploads of the swarm node
 */
public record AgentState(
    String self, long bytesHeld, List<TransferReport> downloads, List<Blob> blobs, Object swarm) {

  /**
   * One blob of the store.
   *
   * @param held pieces of {@code pieces} that are here
   */
  public record Blob(String digest, long size, int pieces, int held) {
    static Blob of(BlobSummary summary) {
      return new Blob(
          summary.digest().toString(), summary.size(), summary.pieces(), summary.held());
    }
  }
}
