package dev.longshore.origin.registry;

import dev.longshore.oci.Digest;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.UploadRow;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.StorageKey;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The uploads in progress: those at work in memory, all of them in the metadata.
 *
 * <p>An upload is a row and an object. Both outlive the process, so a client may go on after a
 * restart from where the object ends.
 */
public final class Uploads {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);

  /** A session that no request used for so long gives up its open file. */
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final Metadata metadata;
  private final BlobStore store;
  private final Blobs blobs;
  private final Clock clock;
  private final Map<String, UploadSession> sessions = new ConcurrentHashMap<>();

  Uploads(Metadata metadata, BlobStore store, Blobs blobs, Clock clock) {
    this.metadata = metadata;
    this.store = store;
    this.blobs = blobs;
    this.clock = clock;
  }

  /**
   * Starts an upload.
   *
   * @param expected the algorithm of the digest that will come, as far as it is known
   */
  public UploadSession start(String repository, Digest.Algorithm expected)
      throws IOException, InterruptedException, RegistryException {
    UploadRow row =
        new UploadRow(
            UUID.randomUUID().toString(), repository, StorageKey.random(), clock.instant());
    metadata.startUpload(row);
    UploadSession session = new UploadSession(row, expected, store, metadata);
    try {
      session.resume();
    } catch (IOException e) {
      giveUp(row, e);
      throw e;
    }
    sessions.put(row.id(), session);
    return session;
  }

  /** An upload that was started before. */
  public UploadSession find(String repository, String id)
      throws IOException, InterruptedException, RegistryException {
    UploadSession running = sessions.get(id);
    if (running != null && !running.isRetired()) {
      if (!running.repository().equals(repository)) {
        throw UploadSession.unknown(id);
      }
      running.touch();
      return running;
    }
    UploadRow row = metadata.upload(repository, id).orElseThrow(() -> UploadSession.unknown(id));
    UploadSession resumed =
        sessions.compute(
            id,
            (key, present) ->
                present != null && !present.isRetired()
                    ? present
                    : new UploadSession(row, Digest.Algorithm.SHA256, store, metadata));
    resumed.resume();
    return resumed;
  }

  /** Makes an upload a blob of its repository. See {@link UploadSession#finish}. */
  public BlobRow finish(
      UploadSession session, ByteSource lastChunk, @Nullable ChunkRange range, Digest digest)
      throws IOException, InterruptedException, RegistryException, WrongOffsetException {
    BlobRow row;
    try {
      row = session.finish(lastChunk, range, digest);
    } finally {
      forgetRetired(session);
    }
    blobs.committed(session.repository(), row);
    return row;
  }

  /** Gives an upload up and deletes its bytes. */
  public void cancel(UploadSession session)
      throws IOException, InterruptedException, RegistryException {
    boolean cancelled;
    try {
      cancelled = session.cancel();
    } finally {
      forgetRetired(session);
    }
    if (!cancelled) {
      throw UploadSession.unknown(session.id());
    }
    blobs.deleteDoomed();
  }

  /** Uploads with an open file. */
  public int open() {
    return sessions.size();
  }

  /** Closes what nobody used for a while. */
  void retireIdle() {
    long before = System.nanoTime() - IDLE.toNanos();
    for (UploadSession session : sessions.values()) {
      if (session.isIdleSince(before) && session.retireIfUnused()) {
        forgetRetired(session);
      }
    }
  }

  /** Gives up uploads that were started before this time and that no request is working on. */
  void expire(Instant startedBefore) throws IOException, InterruptedException {
    for (UploadRow row : metadata.uploadsStartedBefore(startedBefore)) {
      try {
        cancel(find(row.repository(), row.id()));
        log.info(
            "gave up upload {} of {}, started {}", row.id(), row.repository(), row.startedAt());
      } catch (RegistryException e) {
        log.debug("upload {} is in use or gone: {}", row.id(), e.getMessage());
      }
    }
  }

  /** Closes every session that no request is working on. */
  void close() {
    sessions.values().forEach(UploadSession::retireIfUnused);
  }

  private void giveUp(UploadRow row, IOException failure) throws InterruptedException {
    try {
      metadata.cancelUpload(row.repository(), row.id());
    } catch (IOException e) {
      failure.addSuppressed(e); // the row expires later
    }
  }

  private void forgetRetired(UploadSession session) {
    if (session.isRetired()) {
      sessions.remove(session.id(), session);
    }
  }
}
