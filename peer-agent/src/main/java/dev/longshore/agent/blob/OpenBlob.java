package dev.longshore.agent.blob;

import dev.longshore.service.http.ResponseBody;
import java.io.IOException;

/** A blob that is being read by one client. */
public interface OpenBlob extends AutoCloseable {

  /** Bytes in the blob. */
  long size();

  /** Where the bytes come from, for metrics. */
  Origin origin();

  /**
   * Blocks until the first bytes at {@code offset} can be sent: what goes wrong before that can
   * still be told to the client. Called once, before {@link #send} with the same range.
   */
  void ready(long offset, long length) throws IOException, InterruptedException;

  /**
   * Sends a range in order while it arrives; returns when all of it has left.
   *
   * @throws ClientGoneException if the client went away
   * @throws IOException if the rest cannot be had from anywhere
   */
  void send(ResponseBody out, long offset, long length) throws IOException, InterruptedException;

  /**
   * Blocks until the blob is here whole and kept, without sending any of it.
   *
   * @throws IOException if it cannot be had, or not be kept
   */
  void keep() throws IOException, InterruptedException;

  @Override
  void close();

  /** Kinds of {@link #origin}. */
  enum Origin {
    /** Every byte was here already. */
    STORE,
    /** Pieces from the swarm and, under a lease, from the source. */
    SWARM,
    /** The source alone. */
    SOURCE
  }
}
