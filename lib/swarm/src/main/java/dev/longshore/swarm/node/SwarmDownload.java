package dev.longshore.swarm.node;

import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * One caller's claim on the download of a blob, which several callers may share. Thread-safe. The
 * last claim closed stops an unfinished download; what it stored stays.
 */
public interface SwarmDownload extends AutoCloseable {

  /** The blob as it fills; valid until {@link #close}, which closes it too. */
  StoredBlob blob();

  /**
   * Says which pieces this reader wants next, in place of those it named before. Of a claim on
   * {@link Scope#RANGES} these are all that it wants.
   *
   * @param first the one it needs first
   * @param end after the last one
   */
  void want(int first, int end);

  /**
   * Completes when a piece is verified and stored, and makes it and those after it the ones this
   * reader wants next. Fails with {@link DownloadFailedException} when the download cannot go on,
   * and with an {@link IOException} when it was stopped. Who does not wait any more cancels it.
   */
  CompletableFuture<Void> arrival(int piece);

  /**
   * Completes when every piece is stored; fails with {@link DownloadFailedException} when the
   * download cannot go on, and with an {@link IOException} when it was stopped.
   */
  CompletableFuture<Void> completion();

  /** What the download, shared by all its claims, got from whom so far. */
  Traffic traffic();

  /** Gives the claim back. Idempotent. */
  @Override
  void close();
}
