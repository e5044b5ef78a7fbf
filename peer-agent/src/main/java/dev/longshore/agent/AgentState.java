package dev.longshore.agent;

import dev.longshore.agent.blob.TransferReport;
import dev.longshore.swarm.store.PieceStore.BlobSummary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /debug} shows of an agent.
 *
 * @param self {@code id@host:port} as a swarm member
 * @param bytesHeld bytes of pieces on disk
 * @param quota most of them that are kept, null when only the disk is the bound
 * @param diskFree bytes that the disk has left, -1 when it does not tell
 * @param downloads blobs on their way here, and the last thousand that came, oldest first
 * @param blobs what the store knows
 * @param swarm connections, downloads and uploads of the swarm node
 */
public record AgentState(
    String self,
    long bytesHeld,
    @Nullable Long quota,
    long diskFree,
    List<TransferReport> downloads,
    List<Blob> blobs,
    Object swarm) {

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
