package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;

/**
 * The body of a started answer. Any thread may write, one at a time. Each write completes when its
 * bytes have left for the socket, so that a writer that waits for it is paced by the client; it
 * fails when the client has gone away.
 */
public interface ResponseBody {

  /** Sends bytes; ownership passes. */
  CompletableFuture<Void> write(ByteBuf bytes);

  /**
   * Sends a range of a file: sendfile in the clear, copies under TLS. The channel must stay open
   * until the write completes.
   */
  CompletableFuture<Void> sendFile(FileChannel file, long offset, long length);

  /** Ends the answer. With a fixed length, all of it must have been written. */
  CompletableFuture<Void> end();

  /** Gives up in the middle: the connection is closed so that the client sees a cut-off body. */
  void abort();

  /**
   * Completes when the answer is over: its end was handed to the socket, or the connection closed
   * before. On an event loop: what is attached must not block.
   */
  CompletableFuture<Void> closed();
}
