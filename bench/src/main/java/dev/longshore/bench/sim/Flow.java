package dev.longshore.bench.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** One direction of a connection: the pieces that one node has asked another for. */
final class Flow extends Uplink.Lane {

  /** A piece that was asked for. */
  private static final class Request {
    final SimDownload download;
    final int piece;
    boolean cancelled;

    Request(SimDownload download, int piece) {
      this.download = download;
      this.piece = piece;
    }

    boolean is(SimDownload other, int otherPiece) {
      return download == other && piece == otherPiece;
    }
  }

  /** SwarmLimits.uploadQueue. */
  private static final int QUEUE = 64;

  /** PieceSender.RETRY_MILLIS. */
  private static final long BUSY_NANOS = 500_000_000;

  private final Simulation simulation;
  private final SimNode sender;
  private final SimNode receiver;
  private final long latency;
  private final Deque<Request> queue = new ArrayDeque<>(2);
  private final List<Request> open = new ArrayList<>(2);
  private boolean closed;

  Flow(Simulation simulation, SimNode sender, SimNode receiver) {
    this.simulation = simulation;
    this.sender = sender;
    this.receiver = receiver;
    this.latency = simulation.latency(sender, receiver);
  }

  void close() {
    closed = true;
    queue.clear();
    open.clear();
  }

  /** The receiver asks. */
  void request(SimDownload download, int piece) {
    Request request = new Request(download, piece);
    open.add(request);
    simulation.events().after(latency, () -> requested(request));
  }

  /** The receiver takes back what it asked for. */
  void cancel(SimDownload download, int piece) {
    for (Request request : open) {
      if (request.is(download, piece)) {
        request.cancelled = true;
        open.remove(request);
        simulation.events().after(latency, () -> queue.remove(request));
        return;
      }
    }
  }

  private void requested(Request request) {
    if (closed || request.cancelled) {
      return;
    }
    SimDownload offer = sender.download(request.download.blob());
    if (offer == null || !offer.has(request.piece)) {
      answer(request, () -> request.download.rejected(sender, request.piece));
    } else if (queue.size() >= QUEUE) {
      simulation.tally().busy++;
      answer(request, () -> request.download.busy(sender, request.piece, BUSY_NANOS));
    } else {
      queue.add(request);
      sender.uplink().ask(this);
    }
  }

  private void answer(Request request, Runnable delivery) {
    simulation
        .events()
        .after(
            latency,
            () -> {
              if (open.remove(request)) {
                delivery.run();
              }
            });
  }

  @Override
  boolean isWaiting() {
    return !queue.isEmpty();
  }

  @Override
  int begin() {
    Request request = queue.remove();
    int bytes = request.download.blob().layout().length(request.piece);
    long begins = simulation.events().now() + latency;
    long here = receiver.downlink().take(bytes, begins, begins + sender.uplink().time(bytes));
    simulation.events().at(here, () -> arrived(request, bytes));
    return bytes;
  }

  private void arrived(Request request, int bytes) {
    if (closed) {
      return;
    }
    simulation.tally().peerBytes += bytes;
    if (sender.zone() != receiver.zone()) {
      simulation.tally().crossZoneBytes += bytes;
    }
    open.remove(request);
    if (request.cancelled || !request.download.wants(request.piece)) {
      simulation.tally().duplicates++;
    } else {
      request.download.arrived(sender, request.piece);
    }
  }
}
