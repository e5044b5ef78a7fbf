package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameEncoder;
import io.netty.channel.Channel;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the pieces that one peer asked for, one at a time and each in its turn. Owned by the
 * connection's event loop.
 */
final class PieceSender implements UploadTurns.Sender {
  private static final Logger log = LoggerFactory.getLogger(PieceSender.class);

  private record Queued(SharedBlob blob, int piece, int share, long since) {
    int length() {
      return blob.layout().length(piece);
    }
  }

  /** Who is told BUSY asks somebody else meanwhile, and is told READY sooner, if all is well. */
  private static final int RETRY_MILLIS = 500;

  /**
   * A peer that takes nothing makes way for others after this part of what it takes to be stuck.
   */
  private static final int MAKE_WAY = 8;

  private final NodeParts node;
  private final PeerConnection connection;
  private final Deque<Queued> queue = new ArrayDeque<>();

  /** Blobs of which a request was answered BUSY, and not READY since. */
  private final Set<Digest> refused = new HashSet<>();

  private boolean asking;
  private @Nullable FileRegion sending;
  private long lastTransferred;
  private long lastProgress;

  /** Whether the peer takes next to nothing of the piece that is being sent. */
  private boolean stalled;

  private boolean closed;

  PieceSender(NodeParts node, PeerConnection connection) {
    this.node = node;
    this.connection = connection;
  }

  /**
   * The peer asks for a piece that is here.
   *
   * @param share how much of the blob it has, in thousandths
   * @return false if it is not sent because another peer was promised it a moment ago
   */
  boolean requested(SharedBlob blob, int piece, int share) {
    int length = blob.layout().length(piece);
    if (stalled
        || queue.size() >= node.limits().uploadQueue()
        || !node.turns().enter(blob.digest(), length)) {
      refuse(blob.digest(), piece, share);
      return true;
    }
    if (!blob.promises(connection.peerId(), piece)) {
      node.turns().leave(blob.digest(), length);
      return false;
    }
    queue.add(new Queued(blob.retain(), piece, share, System.nanoTime()));
    node.meters().uploadsQueued.incrementAndGet();
    next();
    return true;
  }

  private void refuse(Digest blob, int piece, int share) {
    connection.send(new Frame.Busy(blob, piece, RETRY_MILLIS));
    if (refused.add(blob)) {
      node.turns().refuse(this, blob, share);
    }
  }

  @Override
  public void ready(Digest blob) {
    connection.execute(() -> {
      if (refused.remove(blob) && !closed) {
        connection.send(new Frame.Ready(blob));
      }
    });
  }

  /** The peer takes a request back; true if it was still waiting. */
  boolean cancelled(Digest blob, int piece) {
    for (Iterator<Queued> each = queue.iterator(); each.hasNext(); ) {
      Queued queued = each.next();
      if (queued.piece == piece && queued.blob.digest().equals(blob)) {
        each.remove();
        drop(queued);
        return true;
      }
    }
    return false;
  }

  /** The peer left a blob: nothing more of it is sent. */
  void left(Digest blob) {
    if (refused.remove(blob)) {
      node.turns().forget(this, blob);
    }
    queue.removeIf(queued -> {
      boolean gone = queued.blob.digest().equals(blob);
      if (gone) {
        drop(queued);
      }
      return gone;
    });
  }

  private void drop(Queued queued) {
    leaveQueue(queued);
    queued.blob.takesBack(connection.peerId(), queued.piece);
    queued.blob.release();
  }

  private void leaveQueue(Queued queued) {
    node.meters().uploadsQueued.decrementAndGet();
    node.turns().leave(queued.blob.digest(), queued.length());
  }

  /** Asks for the next turn when nothing is being sent and the peer reads. */
  void next() {
    Queued head = queue.peekFirst();
    if (head != null && !asking && sending == null && !closed && connection.isWritable()) {
      asking = true;
      node.turns().ask(this, head.blob.digest(), head.length(), head.share);
    }
  }

  @Override
  public void turn() {
    connection.execute(() -> {
      asking = false;
      Queued head = closed ? null : queue.pollFirst();
      if (head != null) {
        send(head);
      }
    });
  }

  private void send(Queued head) {
    leaveQueue(head);
    node.meters().uploadWait.record(System.nanoTime() - head.since, TimeUnit.NANOSECONDS);
    SharedBlob blob = head.blob;
    FileChannel file;
    try {
      file = blob.stored().file();
    } catch (IOException e) {
      log.warn("cannot send piece {} to {}", head.piece, connection, e);
      blob.takesBack(connection.peerId(), head.piece);
      blob.release();
      connection.failed("cannot send a piece", e);
      return;
    }
    blob.sends(connection.peerId(), head.piece);
    long offset = blob.layout().offset(head.piece);
    int length = head.length();
    Channel channel = connection.channel();
    FileRegion region = node.transport().fileRegion(file, offset, length);
    sending = region;
    lastTransferred = 0;
    lastProgress = System.nanoTime();
    var _ =
        channel.write(FrameEncoder.pieceHeader(channel.alloc(), blob.digest(), head.piece, length));
    var _ =
        channel
            .writeAndFlush(region)
            .addListener(written -> {
              blob.release();
              sending = null;
              stalled = false;
              if (written.isSuccess()) {
                connection.sent(length);
                next();
              } else {
                connection.failed("cannot send a piece", written.cause());
              }
            });
  }

  /**
   * Looks whether the peer takes what is being sent. One that does not lets others have the room
   * that its requests wait in, and after a while it is stuck.
   */
  boolean isStuck(long now) {
    FileRegion region = sending;
    if (region == null) {
      return false;
    }
    if (region.transferred() - lastTransferred >= Liveness.LEAST_PROGRESS) {
      lastTransferred = region.transferred();
      lastProgress = now;
      stalled = false;
    }
    long patience = node.limits().silence().toNanos();
    if (now - lastProgress >= patience / MAKE_WAY) {
      makeWay();
    }
    return now - lastProgress >= patience;
  }

  private void makeWay() {
    stalled = true;
    List<Queued> waiting = List.copyOf(queue);
    queue.clear();
    waiting.forEach(this::drop);
    for (Queued queued : waiting) {
      if (!closed) {
        refuse(queued.blob.digest(), queued.piece, queued.share);
      }
    }
  }

  int queued() {
    return queue.size();
  }

  void close() {
    closed = true;
    queue.forEach(this::drop);
    queue.clear();
    refused.forEach(blob -> node.turns().forget(this, blob));
    refused.clear();
    node.turns().withdraw(this);
  }
}
