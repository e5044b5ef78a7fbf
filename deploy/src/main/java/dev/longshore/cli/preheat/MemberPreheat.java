package dev.longshore.cli.preheat;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.preheat.MemberStatus.State;
import dev.longshore.cli.progress.RecentRate;
import dev.longshore.oci.json.BoundedJson;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.preheat.PreheatEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One member's part: asked once, watched until it has everything or cannot have it. */
final class MemberPreheat implements Runnable {
  private static final Duration POLL = Duration.ofMillis(500);

  /** Tokens live for a minute at least; one that is shown again is fresh. */
  private static final Duration SHOW_LOGIN_AGAIN = Duration.ofSeconds(30);

  private final HostAndPort member;
  private final PreheatOrder order;
  private final AdminEndpoint admin;
  private final RecentRate rate = new RecentRate();
  private final long start = System.nanoTime();
  private long lastProgress = start;
  private long askedAt = start;
  private boolean showedLogin;
  private volatile MemberStatus status;

  MemberPreheat(HostAndPort member, PreheatOrder order) {
    this.member = member;
    this.order = order;
    this.admin = new AdminEndpoint(member);
    this.status = new MemberStatus(member.toString(), State.ASKING, null, 0, 0, 0, 0, null);
  }

  MemberStatus status() {
    return status;
  }

  @Override
  public void run() {
    try {
      JsonNode report = ask();
      while (!take(report)) {
        Thread.sleep(POLL);
        report = report(report);
      }
    } catch (IOException | RuntimeException e) {
      fail(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("interrupted; the member goes on by itself");
    }
  }

  /** Wants the image: the first time, and again when the member has forgotten or needs a login. */
  private JsonNode ask() throws IOException, InterruptedException {
    ObjectNode request = BoundedJson.newObject().put("image", order.image());
    order.platform().ifPresent(platform -> request.put("platform", platform));
    askedAt = System.nanoTime();
    AdminEndpoint.Answer answer = admin.post(PreheatEndpoint.PATH, request, null);
    if (answer.status() == 401) {
      String login = login(answer);
      showedLogin = true;
      answer = admin.post(PreheatEndpoint.PATH, request, login);
    }
    boolean elsewhere = answer.status() == 404 || answer.status() == 405;
    if (elsewhere && !answer.body().has("error")) {
      throw new IOException(
          member + " serves no preheats; is it the admin address of an agent or a seeder?");
    }
    if (answer.status() != 202) {
      throw new IOException(answer.error());
    }
    return answer.body();
  }

  private String login(AdminEndpoint.Answer refused) throws IOException {
    if (!order.mayShowLoginTo(member)) {
      throw new IOException(
          "the registry wants a login, and nothing encrypts the way to "
              + member
              + "; --send-login sends it all the same");
    }
    Optional<String> header = order.login().answer(refused.challenges());
    return header.orElseThrow(() -> new IOException(refused.error()));
  }

  private JsonNode report(JsonNode before) throws IOException, InterruptedException {
    long now = System.nanoTime();
    try {
      if (showedLogin && now - askedAt > SHOW_LOGIN_AGAIN.toNanos()) {
        return ask();
      }
      AdminEndpoint.Answer answer =
          admin.get(PreheatEndpoint.PATH + "?digest=" + before.path("digest").asString(""));
      return answer.status() == 200 ? answer.body() : ask(); // it was started anew
    } catch (IOException e) {
      if (now - lastProgress > order.patience().toNanos()) {
        throw e;
      }
      return before; // it may come back
    }
  }

  /** Returns whether this member's part is over. */
  private boolean take(JsonNode report) throws IOException {
    long now = System.nanoTime();
    long held = report.path("held").asLong(0);
    String problem = problem(report);
    if (held != status.held() || status.state() == State.ASKING) {
      lastProgress = now;
    }
    State state =
        switch (report.path("state").asString("")) {
          case "done" -> State.DONE;
          case "failed" -> State.FAILED;
          default -> State.RUNNING;
        };
    status =
        new MemberStatus(
            member.toString(),
            state,
            report.path("digest").asString(null),
            report.path("bytes").asLong(0),
            held,
            rate.at(now, held),
            now - start,
            problem);
    if (state == State.RUNNING && now - lastProgress > order.patience().toNanos()) {
      throw new IOException(
          "nothing came for "
              + order.patience().toSeconds()
              + " s"
              + (problem == null ? "" : ": " + problem));
    }
    return status.over();
  }

  /** Of the first blob that has one. */
  private static @Nullable String problem(JsonNode report) {
    for (JsonNode blob : report.path("blobs")) {
      String failure = blob.path("failure").asString("");
      if (!failure.isEmpty()) {
        return blob.path("digest").asString("") + ": " + failure;
      }
    }
    return null;
  }

  private void fail(String why) {
    MemberStatus last = status;
    status =
        new MemberStatus(
            last.member(),
            State.FAILED,
            last.digest(),
            last.bytes(),
            last.held(),
            0,
            System.nanoTime() - start,
            why);
  }
}
