package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.piece.UntrustedPieceMapException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The maps this member looks for and those it has published. Owned by the client's loop thread. */
final class MapRequests {
  private static final Logger LOG = LoggerFactory.getLogger(MapRequests.class);

  /** Published maps kept to repeat them to a tracker that was started again. */
  private static final long MAX_PUBLISHED_BYTES = 16 << 20;

  /** What an answer may take on top of the time that the tracker was told to wait. */
  private static final Duration SLACK = Duration.ofSeconds(1);

  private final ClientLoop loop;
  private final TrustedKeys keys;
  private final TrackerClientMetrics metrics;
  private final Map<Long, Question> asked = new HashMap<>();
  private final Set<Question> open = new LinkedHashSet<>();
  private final LinkedHashMap<Digest, byte[]> published = new LinkedHashMap<>();
  private long publishedBytes;
  private long lastRequest;

  MapRequests(ClientLoop loop, TrustedKeys keys, TrackerClientMetrics metrics) {
    this.loop = loop;
    this.keys = keys;
    this.metrics = metrics;
  }

  private static final class Question {
    final Digest blob;
    final List<TrackerLink> owners;
    final long deadline;
    final CompletableFuture<Optional<SignedPieceMap>> answer;
    final Set<TrackerLink> askedAt = new HashSet<>();

    Question(
        Digest blob,
        List<TrackerLink> owners,
        long deadline,
        CompletableFuture<Optional<SignedPieceMap>> answer) {
      this.blob = blob;
      this.owners = owners;
      this.deadline = deadline;
      this.answer = answer;
    }
  }

  void find(
      Digest blob,
      List<TrackerLink> owners,
      Duration wait,
      CompletableFuture<Optional<SignedPieceMap>> answer) {
    long now = System.nanoTime();
    Question question = new Question(blob, owners, now + wait.toNanos(), answer);
    open.add(question);
    owners.forEach(owner -> ask(question, owner, now));
    loop.later(() -> finish(question, Optional.empty()), wait.plus(SLACK));
    emptyIfNobodyIsLeft(question);
  }

  private void ask(Question question, TrackerLink owner, long now) {
    if (owner.isConnected() && question.askedAt.add(owner)) {
      long request = ++lastRequest;
      asked.put(request, question);
      long millis = Math.clamp((question.deadline - now) / 1_000_000, 0, Integer.MAX_VALUE);
      owner.send(new MemberMessage.FindMap(request, question.blob, Math.toIntExact(millis)));
    }
  }

  void answered(TrackerLink link, TrackerMessage.MapFound answer) {
    Question question = asked.remove(answer.request());
    if (question == null || !open.contains(question)) {
      return;
    }
    if (answer.signedMap().length == 0) {
      dismiss(question, link);
      return;
    }
    // A check of the largest map takes long enough to hold up everything else here.
    Workers.VIRTUAL.execute(() -> {
      Optional<SignedPieceMap> map = open(question.blob, answer.signedMap(), link.name());
      loop.post(() -> {
        if (map.isPresent()) {
          finish(question, map);
        } else {
          dismiss(question, link);
        }
      });
    });
  }

  private Optional<SignedPieceMap> open(Digest blob, byte[] encoded, String tracker) {
    try {
      SignedPieceMap map = keys.open(encoded);
      if (map.map().digest().equals(blob)) {
        return Optional.of(map);
      }
      LOG.warn("refused a piece map from {}: for {} it sent {}", tracker, blob, map.map().digest());
    } catch (MalformedPieceMapException | UntrustedPieceMapException e) {
      LOG.warn("refused the piece map of {} from {}: {}", blob, tracker, e.getMessage());
    }
    metrics.mapRefused();
    return Optional.empty();
  }

  private void dismiss(Question question, TrackerLink link) {
    question.askedAt.remove(link);
    if (question.askedAt.isEmpty()) {
      finish(question, Optional.empty());
    }
  }

  /** Nobody was asked, and nobody has been there for a while: do not keep the caller waiting. */
  private void emptyIfNobodyIsLeft(Question question) {
    if (!open.contains(question) || !question.askedAt.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    long patience = Long.MIN_VALUE;
    for (TrackerLink owner : question.owners) {
      patience = Math.max(patience, LeaseRequests.OUTAGE.toNanos() - owner.downFor(now));
    }
    patience = Math.min(patience, question.deadline - now);
    if (patience <= 0) {
      finish(question, Optional.empty());
    } else {
      loop.later(() -> emptyIfNobodyIsLeft(question), Duration.ofNanos(patience));
    }
  }

  private void finish(Question question, Optional<SignedPieceMap> map) {
    if (open.remove(question)) {
      asked.values().removeIf(other -> other == question);
      question.answer.completeAsync(() -> map, Workers.VIRTUAL);
    }
  }

  /** Remembers a map. */
  byte[] published(SignedPieceMap map) {
    byte[] encoded = map.encode();
    byte[] before = published.remove(map.map().digest());
    published.put(map.map().digest(), encoded);
    publishedBytes += encoded.length - (before == null ? 0 : before.length);
    var oldest = published.values().iterator();
    while (publishedBytes > MAX_PUBLISHED_BYTES && oldest.hasNext()) {
      publishedBytes -= oldest.next().length;
      oldest.remove();
    }
    return encoded;
  }

  Map<Digest, byte[]> published() {
    return published;
  }

  void connected(TrackerLink link) {
    long now = System.nanoTime();
    for (Question question : List.copyOf(open)) {
      if (question.owners.contains(link)) {
        ask(question, link, now);
      }
    }
  }

  void disconnected(TrackerLink link) {
    for (Question question : List.copyOf(open)) {
      if (question.askedAt.remove(link)) {
        emptyIfNobodyIsLeft(question);
      }
    }
  }

  /** Answers everything that is open with nothing. */
  void close() {
    List<Question> left = new ArrayList<>(open);
    left.forEach(question -> finish(question, Optional.empty()));
  }
}
