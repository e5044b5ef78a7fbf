package dev.longshore.cli.progress;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Where an agent gets the blobs from that we read from it, by its own account ({@code
 * /v2/<name>/_longshore/transfers/<digest>} at its mirror). Thread-safe.
 *
 * <p>What the agent got before we began is taken off. A mirror that is no agent tells nothing, and
 * then there are no figures.
 */
public final class AgentFigures {
  private static final int MAX_ANSWER = 16 << 10;
  private static final long SETTLE_NANOS = 2_000_000_000L;
  private static final long SETTLE_PAUSE_MILLIS = 50;
  private static final int MOST_FAILURES = 3;

  /**
   * One transfer as the agent tells of it.
   *
   * @param startedAt tells it from other transfers of the same blob; empty when there was none
   */
  private record Told(String startedAt, boolean running, ByteOrigins origins) {
    static Told of(JsonNode told) {
      return new Told(
          told.path("startedAt").asString(""),
          told.path("state").asString("").equals("running"),
          new ByteOrigins(
              told.path("fromPeers").asLong(0),
              told.path("fromSeeders").asLong(0),
              told.path("fromSource").asLong(0),
              0));
    }

    boolean isSame(Told other) {
      return startedAt.equals(other.startedAt);
    }
  }

  private final RegistryClient agent;
  private final RepositoryName repository;
  private final Map<Digest, Told> before = new LinkedHashMap<>(); // guarded by this
  private final Map<Digest, Told> latest = new LinkedHashMap<>(); // guarded by this
  private int failures; // guarded by this: one after another
  private volatile boolean silent; // the mirror tells nothing
  private volatile ByteOrigins sum = ByteOrigins.NONE;

  /**
   * The figures of an agent about blobs of one repository.
   *
   * @param agent should neither try long nor again: figures are an extra
   */
  public AgentFigures(RegistryClient agent, RepositoryName repository) {
    this.agent = agent;
    this.repository = repository;
  }

  /** Notes how these blobs stand before they are asked for. */
  synchronized void begin(List<Descriptor> blobs) {
    for (Descriptor blob : blobs) {
      Optional<Told> told = ask(blob.digest());
      if (told.isEmpty()) {
        silent = true; // nobody could tell later what had come before
        return;
      }
      before.put(blob.digest(), told.get());
    }
  }

  /** Asks about every blob that may still be on its way. */
  synchronized void refresh() {
    ByteOrigins all = ByteOrigins.NONE;
    for (var entry : before.entrySet()) {
      Digest blob = entry.getKey();
      Told then = entry.getValue();
      Told known = latest.getOrDefault(blob, then);
      if (known.running || known.isSame(then)) {
        known = ask(blob).orElse(known);
        latest.put(blob, known);
      }
      all = all.plus(known.isSame(then) ? known.origins.minus(then.origins) : known.origins);
    }
    sum = all;
  }

  /** A transfer ends a moment after its last byte has left. */
  void settle() {
    long deadline = System.nanoTime() + SETTLE_NANOS;
    try {
      do {
        refresh();
        if (settled()) {
          return;
        }
        Thread.sleep(SETTLE_PAUSE_MILLIS);
      } while (System.nanoTime() < deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean settled() {
    return silent || latest.values().stream().noneMatch(Told::running);
  }

  /** As of the last answers; empty when the agent tells nothing. Never blocks. */
  Optional<ByteOrigins> origins() {
    return silent ? Optional.empty() : Optional.of(sum);
  }

  private Optional<Told> ask(Digest blob) {
    if (silent) {
      return Optional.empty();
    }
    try {
      Optional<byte[]> answer =
          agent.fetchExtension(repository, "_longshore/transfers/" + blob, MAX_ANSWER);
      if (answer.isPresent()) {
        JsonNode told =
            BoundedJson.parseObject(answer.get(), MAX_ANSWER, "the agent's account of " + blob);
        failures = 0;
        return Optional.of(Told.of(told));
      }
      silent = true; // not an agent, or one that is older than this account
    } catch (IOException e) {
      // Whether the transfer itself can go on shows there.
      if (++failures >= MOST_FAILURES) {
        silent = true;
      }
    }
    return Optional.empty();
  }
}
