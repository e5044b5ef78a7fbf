package dev.longshore.swarm.tracker;

import dev.longshore.swarm.discovery.LeaseBroker.LeaseReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The leases this member asks for. Owned by the client's loop thread. */
final class LeaseRequests {

  /*
   * One tracker decides about a blob at a time, or two members would get the same piece: the first
   * of the blob's owners that is connected. All owners are told what is being read, so that any of
   * them can go on from there, and knows in time when this member is not there any more. A request
   * moves to the next owner when its tracker goes away or says nothing; when none is left this
   * member decides for itself.
   */

  /** How long a tracker may take to answer. */
  static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

  /** How long without any session until this member decides for itself. */
  static final Duration OUTAGE = Duration.ofSeconds(2);

  /** How often trackers are told what is being read; they take a member for dead after four. */
  private static final Duration BEAT = Duration.ofMillis(300);

  private static final Duration OWN_VALIDITY = Duration.ofSeconds(30);
  private static final Duration CLOSED_RETRY = Duration.ofMillis(500);

  private final ClientLoop loop;
  private final TrackerClientMetrics metrics;
  private final Map<Long, Ask> sent = new HashMap<>();
  private final Set<Ask> waiting = new LinkedHashSet<>();
  private final Set<JoinedBlob> reading = new LinkedHashSet<>();
  private boolean beating;
  private long lastRequest;

  LeaseRequests(ClientLoop loop, TrackerClientMetrics metrics) {
    this.loop = loop;
    this.metrics = metrics;
  }

  private static final class Ask {
    final JoinedBlob blob;
    final BitSet wanted;
    final int max;
    final CompletableFuture<LeaseReply> reply;
    final List<TrackerLink> silent = new ArrayList<>();
    @Nullable TrackerLink at;

    Ask(JoinedBlob blob, BitSet wanted, int max, CompletableFuture<LeaseReply> reply) {
      this.blob = blob;
      this.wanted = wanted;
      this.max = max;
      this.reply = reply;
    }
  }

  void ask(JoinedBlob blob, BitSet wanted, int max, CompletableFuture<LeaseReply> reply) {
    route(new Ask(blob, wanted, max, reply));
  }

  private void route(Ask ask) {
    for (TrackerLink owner : ask.blob.owners) {
      if (owner.isConnected() && !ask.silent.contains(owner)) {
        long request = ++lastRequest;
        ask.at = owner;
        sent.put(request, ask);
        // Now the tracker knows that this member is to be heard while it reads.
        owner.tell(ask.blob, ask.blob.heldLeases());
        owner.send(new MemberMessage.RequestLease(request, ask.blob.digest, ask.wanted, ask.max));
        loop.later(() -> unanswered(request), ANSWER_TIMEOUT);
        return;
      }
    }
    ask.at = null;
    long now = System.nanoTime();
    long patience = ask.silent.isEmpty() ? OUTAGE.toNanos() - downFor(ask.blob, now) : 0;
    if (patience > 0) {
      waiting.add(ask);
      loop.later(() -> retry(ask), Duration.ofNanos(patience));
    } else {
      grantMyself(ask, now);
    }
  }

  /** For how long no owner has been connected. */
  private static long downFor(JoinedBlob blob, long now) {
    long shortest = Long.MAX_VALUE;
    for (TrackerLink owner : blob.owners) {
      shortest = Math.min(shortest, owner.downFor(now));
    }
    return shortest;
  }

  private void retry(Ask ask) {
    if (waiting.remove(ask)) {
      route(ask);
    }
  }

  private void unanswered(long request) {
    Ask ask = sent.remove(request);
    if (ask != null) {
      if (ask.at != null) {
        ask.silent.add(ask.at);
      }
      route(ask);
    }
  }

  private void grantMyself(Ask ask, long now) {
    SelfGrant.Choice choice =
        ask.blob.selfGrant.choose(ask.wanted, ask.blob.reading, ask.max, ask.blob.knownPeers, now);
    metrics.selfGranted(choice.pieces().cardinality());
    complete(ask, choice.pieces(), OWN_VALIDITY, Duration.ofNanos(choice.retryAfter()));
  }

  void answered(TrackerLink link, TrackerMessage.LeaseAnswer answer) {
    Ask ask = sent.get(answer.request());
    if (ask == null || ask.at != link) {
      return; // too late: it was asked elsewhere; this grant expires by itself
    }
    sent.remove(answer.request());
    BitSet granted = (BitSet) answer.granted().clone();
    granted.and(ask.wanted);
    complete(
        ask,
        granted,
        Duration.ofMillis(answer.validityMillis()),
        Duration.ofMillis(answer.retryAfterMillis()));
  }

  private void complete(Ask ask, BitSet granted, Duration validity, Duration retry) {
    if (!granted.isEmpty()) {
      ask.blob.granted(granted, System.nanoTime() + validity.toNanos());
      ask.blob.tellReading();
      reading.add(ask.blob);
      if (!beating) {
        beating = true;
        loop.later(this::beat, BEAT);
      }
    }
    ask.reply.completeAsync(() -> new LeaseReply(granted, validity, retry), Workers.VIRTUAL);
  }

  /** Tells trackers that this member is still there, and reads what it was to read. */
  private void beat() {
    long now = System.nanoTime();
    reading.removeIf(blob -> !blob.isReading(now));
    reading.forEach(JoinedBlob::tellReading);
    beating = !reading.isEmpty();
    if (beating) {
      loop.later(this::beat, BEAT);
    }
  }

  void connected() {
    List<Ask> again = List.copyOf(waiting);
    waiting.clear();
    again.forEach(this::route);
  }

  void disconnected(TrackerLink link) {
    List<Ask> again = new ArrayList<>();
    sent.values().removeIf(ask -> ask.at == link && again.add(ask));
    again.forEach(this::route);
  }

  /** Answers everything that is open with nothing. */
  void close() {
    List<Ask> open = new ArrayList<>(waiting);
    open.addAll(sent.values());
    waiting.clear();
    sent.clear();
    open.forEach(ask -> complete(ask, new BitSet(), Duration.ZERO, CLOSED_RETRY));
  }
}
