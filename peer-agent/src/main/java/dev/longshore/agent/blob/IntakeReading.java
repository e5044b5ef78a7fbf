package dev.longshore.agent.blob;

import dev.longshore.oci.DigestMismatchException;
import dev.longshore.service.http.ResponseBody;
import dev.longshore.swarm.intake.BlobIntake;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blob without a map, followed by its readers while it comes in from the source. */
final class IntakeReading implements OpenBlob {
  private static final Logger log = LoggerFactory.getLogger(IntakeReading.class);

  private final SharedIntake shared;
  private final BlobIntake intake;
  private final BlobAtSource source;
  private final BlobMetrics metrics;
  private boolean closed;

  /** A reading of an intake that was entered; closing it leaves. */
  IntakeReading(SharedIntake shared, BlobAtSource source, BlobMetrics metrics) {
    this.shared = shared;
    this.intake = shared.intake();
    this.source = source;
    this.metrics = metrics;
  }

  @Override
  public long size() {
    return intake.size();
  }

  @Override
  public Origin origin() {
    return Origin.SOURCE;
  }

  @Override
  public void ready(long offset, long length) throws IOException, InterruptedException {
    intake.await(offset + 1);
  }

  @Override
  public void send(ResponseBody out, long offset, long length)
      throws IOException, InterruptedException {
    PacedBody paced = new PacedBody(out, metrics::sent);
    long at = offset;
    long end = offset + length;
    try {
      while (at < end) {
        long readable = Math.min(end, intake.await(at + 1));
        paced.sendFile(intake.file(), at, readable - at);
        at = readable;
      }
    } catch (ClientGoneException e) {
      throw e;
    } catch (IOException e) {
      if (e.getCause() instanceof DigestMismatchException) {
        throw e; // the same bytes again would be wrong again
      }
      metrics.fellBack(BlobMetrics.Fallback.SPOOL_FAILED);
      log.warn(
          "{} from {}: {}; the rest from byte {} is passed through without being kept",
          source.digest(),
          source.source(),
          e.getMessage(),
          at);
      try (SourceStream rest = new SourceStream(source, null, at, this::countRead)) {
        rest.send(paced, end);
      }
    }
    paced.flush();
  }

  @Override
  public void keep() throws IOException, InterruptedException {
    shared.awaitKept();
  }

  private void countRead(long bytes) {
    shared.transfer().readAtSource(bytes);
    metrics.readAtSource(bytes);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      shared.leave();
    }
  }
}
