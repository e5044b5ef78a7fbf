package dev.longshore.agent.blob;

import dev.longshore.piece.PieceLayout;
import dev.longshore.service.http.ResponseBody;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.source.BlobAtSource;
import dev.longshore.swarm.store.StoreFullException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob on its way in from the swarm: each piece leaves for the client as soon as it is verified
 * and next in order. When the swarm fails in the middle the rest comes from the source.
 */
final class SwarmReading implements OpenBlob {
  private static final Logger log = LoggerFactory.getLogger(SwarmReading.class);

  private final SharedDownload shared;
  private final SwarmDownload claim;
  private final Priority priority;
  private final BlobAtSource source;
  private final StallWatch watch;
  private final BlobMetrics metrics;
  private final PieceLayout layout;
  private @Nullable SourceStream direct; // once the swarm has failed
  private boolean closed;

  SwarmReading(
      SharedDownload shared,
      SwarmDownload claim,
      Priority priority,
      BlobAtSource source,
      Duration patience,
      BlobMetrics metrics) {
    this.shared = shared;
    this.claim = claim;
    this.priority = priority;
    this.source = source;
    this.watch = new StallWatch(() -> shared.traffic().total(), patience);
    this.metrics = metrics;
    this.layout = shared.map().map().layout();
  }

  @Override
  public long size() {
    return layout.size();
  }

  @Override
  public Origin origin() {
    return Origin.SWARM;
  }

  @Override
  public void ready(long offset, long length) throws IOException, InterruptedException {
    claim.want(layout.pieceAt(offset), layout.pieceAt(offset + length - 1) + 1);
    try {
      awaitPiece(layout.pieceAt(offset));
    } catch (IOException e) {
      fallBack(offset, e);
    }
  }

  @Override
  public void send(ResponseBody out, long offset, long length)
      throws IOException, InterruptedException {
    PacedBody paced = new PacedBody(out, metrics::sent);
    long at = offset;
    long end = offset + length;
    SourceStream rest = direct;
    while (at < end && rest == null) {
      int piece = layout.pieceAt(at);
      try {
        awaitPiece(piece);
      } catch (IOException e) {
        rest = fallBack(at, e);
        break;
      }
      long stop = Math.min(end, layout.offset(piece) + layout.length(piece));
      paced.sendFile(claim.blob().file(), at, stop - at);
      at = stop;
    }
    if (rest != null) {
      rest.send(paced, end);
    }
    paced.flush();
  }

  /** From here on the source is read, past the swarm; its first bytes are here on return. */
  private SourceStream fallBack(long at, IOException why) throws IOException, InterruptedException {
    metrics.fellBack(reason(why));
    log.warn(
        "{} from {}: the swarm cannot go on ({}); from byte {} on it is read at the source",
        source.digest(),
        source.source(),
        why.getMessage(),
        at);
    SourceStream stream = new SourceStream(source, shared.map().map(), at, this::countRead);
    direct = stream;
    try {
      stream.prefetch();
    } catch (IOException e) {
      e.addSuppressed(why);
      throw e;
    }
    return stream;
  }

  /** Pieces come in the swarm's own order, the rarest first: nobody reads them now. */
  @Override
  public void keep() throws IOException, InterruptedException {
    await(claim.completion(), "waiting for the rest");
  }

  private void countRead(long bytes) {
    shared.transfer().readAtSource(bytes);
    metrics.readAtSource(bytes);
  }

  /** Waits as long as the download as a whole makes progress. */
  private void awaitPiece(int piece) throws IOException, InterruptedException {
    await(claim.arrival(piece), "waiting for piece " + piece);
  }

  private void await(CompletableFuture<Void> arrival, String doing)
      throws IOException, InterruptedException {
    try {
      watch.await(arrival);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(doing + " failed", e.getCause());
    }
  }

  private static BlobMetrics.Fallback reason(IOException why) {
    if (why instanceof StalledException) {
      return BlobMetrics.Fallback.SWARM_STALLED;
    }
    return why instanceof StoreFullException || why.getCause() instanceof StoreFullException
        ? BlobMetrics.Fallback.STORE_FULL
        : BlobMetrics.Fallback.SWARM_FAILED;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      watch.close();
      if (direct != null) {
        direct.close();
      }
      shared.leave(claim, priority);
    }
  }
}
