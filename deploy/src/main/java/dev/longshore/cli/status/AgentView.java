package dev.longshore.cli.status;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.progress.Amounts;
import dev.longshore.oci.Digest;
import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an agent has and does at one moment. */
final class AgentView {
  private static final int MOST_ROWS = 40;

  private final String address;
  private final JsonNode state;
  private final Set<String> wanted = new HashSet<>();
  private final long nanos;

  private AgentView(String address, JsonNode state, List<Digest> wanted) {
    this.address = address;
    this.state = state;
    wanted.forEach(digest -> this.wanted.add(digest.toString()));
    this.nanos = System.nanoTime();
  }

  /**
   * Asks an agent.
   *
   * @param blobs the ones to look at; none for all
   */
  static AgentView of(AdminEndpoint admin, List<Digest> blobs)
      throws IOException, InterruptedException {
    JsonNode debug = admin.debug();
    JsonNode agent = debug.path("agent").isObject() ? debug.path("agent") : debug;
    if (!agent.path("downloads").isArray() || !agent.path("blobs").isArray()) {
      throw new IOException(
          "expected an agent at "
              + admin.address()
              + ", found something else; --agent takes its --admin address");
    }
    return new AgentView(admin.address().getAuthority(), agent, blobs);
  }

  private List<JsonNode> downloads() {
    List<JsonNode> running = new ArrayList<>();
    for (JsonNode download : state.path("downloads")) {
      if (download.path("state").asString("").equals("running") && isWanted(download)) {
        running.add(download);
      }
    }
    return running;
  }

  private List<JsonNode> blobs() {
    List<JsonNode> blobs = new ArrayList<>();
    state
        .path("blobs")
        .forEach(blob -> {
          if (isWanted(blob)) {
            blobs.add(blob);
          }
        });
    return blobs;
  }

  private boolean isWanted(JsonNode of) {
    return wanted.isEmpty() || wanted.contains(of.path("digest").asString(""));
  }

  boolean anyUnderWay() {
    return !downloads().isEmpty();
  }

  private static long received(JsonNode download) {
    return download.path("fromPeers").asLong(0)
        + download.path("fromSeeders").asLong(0)
        + download.path("fromSource").asLong(0);
  }

  private Map<String, Double> ratesSince(AgentView before) {
    Map<String, Long> then = new HashMap<>();
    before.downloads().forEach(each -> then.put(each.path("digest").asString(""), received(each)));
    Map<String, Double> rates = new HashMap<>();
    double seconds = (nanos - before.nanos) / 1e9;
    for (JsonNode each : downloads()) {
      String digest = each.path("digest").asString("");
      long grown = received(each) - then.getOrDefault(digest, 0L);
      rates.put(digest, seconds > 0 ? Math.max(0, grown / seconds) : 0);
    }
    return rates;
  }

  /** Bytes of a blob that are here. */
  private long held(String digest) {
    for (JsonNode blob : state.path("blobs")) {
      if (blob.path("digest").asString("").equals(digest)) {
        return heldOf(blob);
      }
    }
    return 0;
  }

  private static long heldOf(JsonNode blob) {
    long pieces = blob.path("pieces").asLong(0);
    return pieces == 0
        ? 0
        : (long) ((double) blob.path("size").asLong(0) * blob.path("held").asLong(0) / pieces);
  }

  ObjectNode json(AgentView before) {
    ObjectNode root =
        BoundedJson.newObject()
            .put("address", address)
            .put("self", state.path("self").asString(""))
            .put("bytesHeld", state.path("bytesHeld").asLong(0));
    root.set("quota", state.path("quota"));
    root.put("diskFree", state.path("diskFree").asLong(-1));
    ArrayNode blobs = root.putArray("blobs");
    blobs().forEach(blobs::add);
    root.set("peers", state.path("swarm").path("connections"));
    Map<String, Double> rates = ratesSince(before);
    ArrayNode downloads = root.putArray("downloads");
    for (JsonNode each : downloads()) {
      String digest = each.path("digest").asString("");
      ObjectNode told = downloads.addObject();
      each.properties().forEach(entry -> told.set(entry.getKey(), entry.getValue()));
      told.put("held", Math.max(held(digest), received(each)));
      told.put("bytesPerSecond", Math.round(rates.getOrDefault(digest, 0.0)));
    }
    return root;
  }

  void print(PrintWriter out, AgentView before) {
    out.printf(
        "Agent %s: %s of %s in %s (%d whole), %s%n",
        address,
        Amounts.bytes(state.path("bytesHeld").asLong(0)),
        room(),
        Names.count(state.path("blobs").size(), "blob"),
        whole(),
        Names.count(state.path("swarm").path("connections").size(), "peer"));
    printDownloads(out, ratesSince(before));
    if (!wanted.isEmpty()) {
      printBlobs(out);
    }
    printPeers(out);
  }

  private String room() {
    @Nullable JsonNode quota = state.get("quota");
    if (quota != null && quota.isNumber()) {
      return "a quota of " + Amounts.bytes(quota.asLong());
    }
    long free = state.path("diskFree").asLong(-1);
    return free < 0
        ? "what the disk has"
        : Amounts.bytes(free + state.path("bytesHeld").asLong(0)) + " that the disk has";
  }

  private int whole() {
    int whole = 0;
    for (JsonNode blob : state.path("blobs")) {
      whole += blob.path("held").asLong(0) == blob.path("pieces").asLong(-1) ? 1 : 0;
    }
    return whole;
  }

  private void printDownloads(PrintWriter out, Map<String, Double> rates) {
    TextTable table =
        new TextTable(
            "UNDER WAY", "SIZE:", "HAS:", "RATE:", "PEERS:", "SEEDERS:", "SOURCE:", "FROM");
    List<JsonNode> running = downloads();
    running.stream()
        .limit(MOST_ROWS)
        .forEach(each -> {
          String digest = each.path("digest").asString("");
          long size = each.path("size").asLong(0);
          long held = Math.max(held(digest), received(each));
          table.row(
              Names.digest(digest),
              Amounts.bytes(size),
              (size == 0 ? 100 : Math.min(100, 100 * held / size)) + " %",
              Amounts.rate(rates.getOrDefault(digest, 0.0)),
              Amounts.bytes(each.path("fromPeers").asLong(0)),
              Amounts.bytes(each.path("fromSeeders").asLong(0)),
              Amounts.bytes(each.path("fromSource").asLong(0)),
              Names.source(each.path("source").asString("")));
        });
    section(out, table, running.size());
  }

  private void printBlobs(PrintWriter out) {
    TextTable table = new TextTable("BLOB", "SIZE:", "PIECES:", "BYTES:");
    List<JsonNode> blobs = blobs();
    blobs.stream()
        .limit(MOST_ROWS)
        .forEach(blob ->
            table.row(
                Names.digest(blob.path("digest").asString("")),
                Amounts.bytes(blob.path("size").asLong(0)),
                blob.path("held").asLong(0) + " of " + blob.path("pieces").asLong(0),
                Amounts.bytes(heldOf(blob))));
    if (table.isEmpty()) {
      out.println("  it has none of it");
    }
    section(out, table, blobs.size());
  }

  private void printPeers(PrintWriter out) {
    TextTable table = new TextTable("PEER", "ROLE", "RECEIVED:", "SENT:");
    JsonNode peers = state.path("swarm").path("connections");
    int left = MOST_ROWS;
    for (JsonNode peer : peers) {
      if (left-- == 0) {
        break;
      }
      table.row(
          Names.peer(peer.path("peer").asString("")),
          peer.path("role").asString("").toLowerCase(Locale.ROOT),
          Amounts.bytes(peer.path("receivedBytes").asLong(0)),
          Amounts.bytes(peer.path("sentBytes").asLong(0)));
    }
    section(out, table, peers.size());
  }

  private static void section(PrintWriter out, TextTable table, long all) {
    if (!table.isEmpty()) {
      out.println();
      table.print(out);
      if (all > MOST_ROWS) {
        out.println("  … the first " + MOST_ROWS + " of " + all + "; --json lists all");
      }
    }
  }
}
