package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.http.JsonAnswer;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Who has what, for people: {@code /api/v1/members} and {@code /api/v1/swarms?blob=…} at the admin
 * address. Lists are cut at a bound, and say how many there are.
 */
final class TrackerListing {
  private static final int MOST_BLOBS = 200;
  private static final int MOST_MEMBERS = 1_000;

  private final Members members;

  TrackerListing(Members members) {
    this.members = members;
  }

  /** What the tracker serves, by path. */
  Map<String, HttpHandler> paths() {
    return Map.of(
        "/api/v1/members",
        exchange -> answer(exchange, TrackerListing::membersOf),
        "/api/v1/swarms",
        this::swarms);
  }

  private void swarms(HttpExchange exchange) {
    List<Digest> blobs = new ArrayList<>();
    for (String text : exchange.query().all("blob")) {
      Optional<Digest> digest = Digest.tryParse(text);
      if (digest.isEmpty() || blobs.size() == MOST_BLOBS) {
        JsonAnswer.sendError(
            exchange,
            HttpResponseStatus.BAD_REQUEST,
            "expected ?blob=sha256:<64 hex>, at most "
                + MOST_BLOBS
                + " times, found '"
                + (text.length() <= 160 ? text : text.substring(0, 160) + "…")
                + "'");
        return;
      }
      blobs.add(digest.get());
    }
    answer(exchange, state -> swarmsOf(state, blobs));
  }

  private void answer(HttpExchange exchange, Function<TrackerState, Object> content) {
    if (!exchange.method().equals(HttpMethod.GET)) {
      JsonAnswer.sendError(exchange, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET");
      return;
    }
    // Looked at under the lock that members wait for; written without it.
    exchange.fork(() -> JsonAnswer.send(exchange, HttpResponseStatus.OK, members.read(content)));
  }

  static Object swarmsOf(TrackerState state, List<Digest> blobs) {
    List<Object> found = new ArrayList<>();
    for (Digest blob : blobs) {
      Swarm swarm = state.swarm(blob);
      if (swarm != null) {
        found.add(TrackerDebug.of(swarm, MOST_MEMBERS));
      }
    }
    return Map.of("swarms", found);
  }

  static Object membersOf(TrackerState state) {
    List<Object> listed = new ArrayList<>();
    for (Member member : state.members()) {
      if (listed.size() == MOST_MEMBERS) {
        break;
      }
      if (member.hasGreeted()) {
        listed.add(of(member));
      }
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("memberCount", state.memberCount());
    all.put("members", listed);
    return all;
  }

  private static Map<String, Object> of(Member member) {
    int complete = 0;
    long held = 0;
    long bytes = 0;
    for (Membership membership : member.blobs.values()) {
      complete += membership.isComplete() ? 1 : 0;
      held += membership.held();
      bytes +=
          membership.pieces() == 0
              ? 0
              : (long) ((double) membership.swarm.size * membership.held() / membership.pieces());
    }
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("peer", member.address().toString());
    told.put("role", member.address().role().name());
    told.put("zone", member.zone().toString());
    told.put("blobs", member.blobs.size());
    told.put("complete", complete);
    told.put("pieces", held);
    told.put("bytes", bytes);
    return told;
  }
}
