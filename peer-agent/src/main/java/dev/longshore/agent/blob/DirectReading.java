package dev.longshore.agent.blob;

import dev.longshore.piece.PieceMap;
import dev.longshore.service.http.ResponseBody;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A blob that cannot be kept: it passes through from the source. */
final class DirectReading implements OpenBlob {
  private final BlobAtSource blob;
  private final @Nullable PieceMap map;
  private final Transfer transfer;
  private final BlobMetrics metrics;
  private final IOException why;
  private @Nullable SourceStream stream;

  /**
   * A reading past the store.
   *
   * @param why it cannot be kept
   */
  DirectReading(
      BlobAtSource blob,
      @Nullable PieceMap map,
      Transfer transfer,
      IOException why,
      BlobMetrics metrics) {
    this.blob = blob;
    this.map = map;
    this.why = why;
    this.transfer = transfer;
    this.metrics = metrics;
  }

  @Override
  public long size() {
    return blob.size();
  }

  @Override
  public Origin origin() {
    return Origin.SOURCE;
  }

  /** The first bytes are fetched ahead, so that a source that fails is still a proper error. */
  @Override
  public void ready(long offset, long length) throws IOException, InterruptedException {
    SourceStream opened = new SourceStream(blob, map, offset, this::countRead);
    stream = opened;
    try {
      opened.prefetch();
    } catch (IOException e) {
      transfer.end(Transfer.State.FAILED, e.getMessage());
      throw e;
    }
  }

  @Override
  public void send(ResponseBody out, long offset, long length)
      throws IOException, InterruptedException {
    PacedBody paced = new PacedBody(out, metrics::sent);
    try {
      Objects.requireNonNull(stream, "ready comes first").send(paced, offset + length);
      paced.flush();
      transfer.end(Transfer.State.COMPLETE, null);
    } catch (ClientGoneException e) {
      transfer.end(Transfer.State.STOPPED, null);
      throw e;
    } catch (IOException e) {
      transfer.end(Transfer.State.FAILED, e.getMessage());
      throw e;
    }
  }

  @Override
  public void keep() throws IOException {
    throw new IOException(why.getMessage(), why);
  }

  private void countRead(long bytes) {
    transfer.readAtSource(bytes);
    metrics.readAtSource(bytes);
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.close();
    }
    transfer.end(Transfer.State.STOPPED, null);
  }
}
