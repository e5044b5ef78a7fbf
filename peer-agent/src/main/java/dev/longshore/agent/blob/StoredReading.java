package dev.longshore.agent.blob;

import dev.longshore.service.http.ResponseBody;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.util.function.LongConsumer;

/** A blob that is here whole: the kernel sends it. */
final class StoredReading implements OpenBlob {
  private final StoredBlob blob;
  private final LongConsumer sent;

  StoredReading(StoredBlob blob, LongConsumer sent) {
    this.blob = blob;
    this.sent = sent;
  }

  @Override
  public long size() {
    return blob.map().layout().size();
  }

  @Override
  public Origin origin() {
    return Origin.STORE;
  }

  @Override
  public void ready(long offset, long length) throws IOException {
    var _ = blob.file(); // that it cannot be opened can still be told now
  }

  @Override
  public void send(ResponseBody out, long offset, long length)
      throws IOException, InterruptedException {
    PacedBody paced = new PacedBody(out, sent);
    paced.sendFile(blob.file(), offset, length);
    paced.flush();
  }

  @Override
  public void keep() {}

  @Override
  public void close() {
    blob.close();
  }
}
