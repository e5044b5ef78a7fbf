package dev.longshore.bench.sim;

import dev.longshore.swarm.engine.FirstCopies;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One direction of a connection: the pieces that one node has asked another for. */
final class Flow extends Uplink.Lane {

  /** Whose request was answered BUSY. */
  record Refusal(Flow flow, SimDownload download) {}

  /** A piece that was asked for. */
  private static final class Request {
    final SimDownload download;
    final int piece;
    boolean cancelled;

    Request(SimDownload download, int piece) {
      this.download = download;
      this.piece = piece;
    }

    int bytes() {
      return download.blob().layout().length(piece);
    }

    boolean is(SimDownload other, int otherPiece) {
      return download == other && piece == otherPiece;
    }
  }

  /** PieceSender.RETRY_MILLIS. */
  private static final long BUSY_NANOS = 500_000_000;

  /** BlobExchange.OFFER_MILLIS. */
  private static final long OFFER_NANOS = 50_000_000;

  private final Simulation simulation;
  private final SimNode sender;
  private final SimNode receiver;
  private final long latency;
  private final Deque<Request> queue = new ArrayDeque<>(2);
  private final List<Request> open = new ArrayList<>(2);

  /** Downloads of which the sender has refused a request and that it has not called since. */
  private final Set<Refusal> refused = new HashSet<>(2);

  /** Pieces that the sender has refused and not offered again. */
  private final Map<SimDownload, BitSet> unoffered = new HashMap<>(2);

  private boolean closed;

  Flow(Simulation simulation, SimNode sender, SimNode receiver) {
    this.simulation = simulation;
    this.sender = sender;
    this.receiver = receiver;
    this.latency = simulation.latency(sender, receiver);
  }

  void close() {
    closed = true;
    refused.forEach(sender.room()::forget);
    refused.clear();
    while (!queue.isEmpty()) {
      leave(queue.remove());
    }
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
        simulation.events().after(latency, () -> takenBack(request));
        return;
      }
    }
  }

  private void takenBack(Request request) {
    if (queue.remove(request)) {
      SimDownload offer = sender.download(request.download.blob());
      FirstCopies<SimNode> copies = offer == null ? null : offer.firstCopies();
      if (copies != null) {
        copies.takesBack(receiver, request.piece);
      }
      leave(request);
    }
  }

  /** A request waits no more; there may be room for others. */
  private void leave(Request request) {
    for (Refusal next : sender.room().leave(request.download.blob(), request.bytes())) {
      next.flow.call(next);
    }
  }

  private void call(Refusal refusal) {
    refused.remove(refusal);
    simulation.events().after(latency, () -> refusal.download.ready(sender));
  }

  private void requested(Request request) {
    if (closed || request.cancelled) {
      return;
    }
    SimDownload offer = sender.download(request.download.blob());
    if (offer == null || !offer.has(request.piece)) {
      answer(request, () -> request.download.rejected(sender, request.piece));
    } else if (refusesAgain(offer, request)) {
      answer(request, () -> request.download.rejected(sender, request.piece));
    } else if (!sender.room().enter(request.download.blob(), request.bytes())) {
      simulation.tally().busy++;
      Refusal refusal = new Refusal(this, request.download);
      if (refused.add(refusal)) {
        sender.room().refuse(request.download.blob(), refusal, request.download.share());
      }
      answer(request, () -> request.download.busy(sender, request.piece, BUSY_NANOS));
    } else {
      FirstCopies<SimNode> copies = offer.firstCopies();
      if (copies != null) {
        var _ = copies.promises(receiver, request.piece, simulation.events().now());
      }
      queue.add(request);
      sender.uplink().ask(this);
    }
  }

  private boolean refusesAgain(SimDownload offer, Request request) {
    FirstCopies<SimNode> copies = offer.firstCopies();
    long now = simulation.events().now();
    if (copies == null || !copies.refuses(receiver, request.piece, now)) {
      return false;
    }
    simulation.tally().refusedAgain++;
    BitSet pieces = unoffered.computeIfAbsent(request.download, _ -> new BitSet());
    if (pieces.isEmpty()) {
      simulation.events().after(OFFER_NANOS, () -> offerAgain(offer, request.download, pieces));
    }
    pieces.set(request.piece);
    return true;
  }

  private void offerAgain(SimDownload offer, SimDownload to, BitSet pieces) {
    FirstCopies<SimNode> copies = offer.firstCopies();
    if (closed || copies == null) {
      return;
    }
    long now = simulation.events().now();
    for (int piece = pieces.nextSetBit(0); piece >= 0; piece = pieces.nextSetBit(piece + 1)) {
      if (copies.isFree(piece, now)) {
        int free = piece;
        pieces.clear(piece);
        simulation.events().after(latency, () -> to.offered(sender, free));
      }
    }
    if (!pieces.isEmpty()) {
      simulation.events().after(OFFER_NANOS, () -> offerAgain(offer, to, pieces));
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
  int share() {
    Request next = queue.peek();
    return next == null ? 0 : next.download.share();
  }

  @Override
  Object blob() {
    return queue.element().download.blob();
  }

  @Override
  int bytes() {
    return queue.element().bytes();
  }

  @Override
  boolean isWaiting() {
    return !queue.isEmpty();
  }

  @Override
  int begin() {
    Request request = queue.remove();
    leave(request);
    SimDownload offer = sender.download(request.download.blob());
    if (offer != null) {
      offer.sends(receiver, request.piece);
    }
    int bytes = request.bytes();
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
      request.download.cameTwice(sender, request.piece);
    } else {
      request.download.arrived(sender, request.piece);
    }
  }
}
