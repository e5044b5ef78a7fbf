package dev.longshore.cli.status;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.progress.Amounts;
import dev.longshore.oci.Digest;
import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a tracker knows at one moment. */
final class TrackerView {
  private static final int BLOBS_A_QUESTION = 100;
  private static final int MOST_ROWS = 40;

  /**
   * A member's part in a blob.
   *
   * @param pieces of the whole blob, 0 while the member has no map of it
   * @param reading pieces that it reads from the source now
   */
  record Part(
      String blob,
      long size,
      String peer,
      String role,
      String zone,
      long held,
      long pieces,
      long reading) {
    boolean underWay() {
      return pieces == 0 || held < pieces;
    }

    long bytes() {
      return pieces == 0 ? 0 : (long) ((double) size * held / pieces);
    }

    int percent() {
      return pieces == 0 ? 0 : (int) (100 * held / pieces);
    }
  }

  private final String address;
  private final JsonNode members;
  private final JsonNode counts;
  private final List<JsonNode> swarms;
  private final long nanos;

  private TrackerView(String address, JsonNode members, JsonNode counts, List<JsonNode> swarms) {
    this.address = address;
    this.members = members;
    this.counts = counts;
    this.swarms = swarms;
    this.nanos = System.nanoTime();
  }

  /**
   * Asks a tracker.
   *
   * @param blobs the ones to look at; none for the largest swarms
   */
  static TrackerView of(AdminEndpoint admin, List<Digest> blobs)
      throws IOException, InterruptedException {
    AdminEndpoint.Answer members = admin.get("/api/v1/members");
    if (members.status() != 200) {
      throw new IOException(
          "expected a tracker at "
              + admin.address()
              + ", found something that tells no members ("
              + members.error()
              + "); --tracker takes its --admin address");
    }
    JsonNode debug = admin.debug();
    JsonNode counts = debug.path("tracker").isObject() ? debug.path("tracker") : debug;
    List<JsonNode> swarms = new ArrayList<>();
    if (blobs.isEmpty()) {
      counts.path("swarms").forEach(swarms::add);
    }
    for (int i = 0; i < blobs.size(); i += BLOBS_A_QUESTION) {
      String query =
          blobs.subList(i, Math.min(blobs.size(), i + BLOBS_A_QUESTION)).stream()
              .map(blob -> "blob=" + blob)
              .collect(Collectors.joining("&"));
      admin.get("/api/v1/swarms?" + query).body().path("swarms").forEach(swarms::add);
    }
    return new TrackerView(admin.address().getAuthority(), members.body(), counts, swarms);
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (JsonNode swarm : swarms) {
      for (JsonNode member : swarm.path("members")) {
        parts.add(
            new Part(
                swarm.path("blob").asString(""),
                swarm.path("size").asLong(0),
                member.path("peer").asString(""),
                member.path("role").asString("").toLowerCase(Locale.ROOT),
                member.path("zone").asString(""),
                member.path("held").asLong(0),
                member.path("pieces").asLong(0),
                member.path("reading").asLong(0)));
      }
    }
    return parts;
  }

  boolean anyUnderWay() {
    return parts().stream().anyMatch(Part::underWay);
  }

  /** Bytes a second of each part that was under way in an earlier view of the same tracker. */
  private Map<String, Double> ratesSince(TrackerView before) {
    Map<String, Long> then = new HashMap<>();
    before.parts().forEach(part -> then.put(part.blob() + part.peer(), part.bytes()));
    Map<String, Double> rates = new HashMap<>();
    double seconds = (nanos - before.nanos) / 1e9;
    for (Part part : parts()) {
      long grown = part.bytes() - then.getOrDefault(part.blob() + part.peer(), part.bytes());
      rates.put(part.blob() + part.peer(), seconds > 0 ? Math.max(0, grown / seconds) : 0);
    }
    return rates;
  }

  ObjectNode json(TrackerView before) {
    ObjectNode root = BoundedJson.newObject().put("address", address);
    root.put("memberCount", members.path("memberCount").asLong(0));
    root.set("members", members.path("members"));
    root.put("blobCount", counts.path("swarmCount").asLong(0));
    ArrayNode blobs = root.putArray("blobs");
    swarms.forEach(blobs::add);
    Map<String, Double> rates = ratesSince(before);
    ArrayNode downloads = root.putArray("downloads");
    for (Part part : parts()) {
      if (part.underWay()) {
        downloads
            .addObject()
            .put("blob", part.blob())
            .put("peer", part.peer())
            .put("held", part.held())
            .put("pieces", part.pieces())
            .put("reading", part.reading())
            .put("bytesPerSecond", Math.round(rates.getOrDefault(part.blob() + part.peer(), 0.0)));
      }
    }
    return root;
  }

  void print(PrintWriter out, TrackerView before, boolean ofSomeBlobs) {
    out.printf(
        "Tracker %s: %s, %s, %s%n",
        address,
        Names.count(members.path("memberCount").asLong(0), "member"),
        Names.count(counts.path("swarmCount").asLong(0), "blob"),
        Names.count(counts.path("maps").asLong(0), "piece map"));
    if (ofSomeBlobs) {
      printWhoHas(out);
    } else {
      printMembers(out);
      printBlobs(out);
    }
    printDownloads(out, ratesSince(before));
  }

  private void printMembers(PrintWriter out) {
    TextTable table =
        new TextTable("MEMBER", "ROLE", "ZONE", "BLOBS:", "WHOLE:", "PIECES:", "BYTES:");
    int left = MOST_ROWS;
    for (JsonNode member : members.path("members")) {
      if (left-- == 0) {
        break;
      }
      table.row(
          Names.peer(member.path("peer").asString("")),
          member.path("role").asString("").toLowerCase(Locale.ROOT),
          orDash(member.path("zone").asString("")),
          member.path("blobs").asString("0"),
          member.path("complete").asString("0"),
          member.path("pieces").asString("0"),
          Amounts.bytes(member.path("bytes").asLong(0)));
    }
    section(out, table, members.path("memberCount").asLong(0));
  }

  private void printBlobs(PrintWriter out) {
    TextTable table = new TextTable("BLOB", "SIZE:", "MEMBERS:", "WHOLE:", "SEEDERS:", "SOURCE");
    swarms.stream()
        .limit(MOST_ROWS)
        .forEach(swarm ->
            table.row(
                Names.digest(swarm.path("blob").asString("")),
                Amounts.bytes(swarm.path("size").asLong(0)),
                swarm.path("memberCount").asString("0"),
                swarm.path("complete").asString("0"),
                swarm.path("seeders").asString("0"),
                Names.source(swarm.path("source").asString(""))));
    section(out, table, counts.path("swarmCount").asLong(0));
  }

  /** Every member of the swarms that were asked for, and how much of them it has. */
  private void printWhoHas(PrintWriter out) {
    record Share(
        String role, String zone, int blobs, int whole, long held, long pieces, long bytes) {
      Share plus(Part part) {
        return new Share(
            part.role(),
            part.zone(),
            blobs + 1,
            whole + (part.underWay() ? 0 : 1),
            held + part.held(),
            pieces + part.pieces(),
            bytes + part.bytes());
      }
    }
    Map<String, Share> shares = new LinkedHashMap<>();
    for (Part part : parts()) {
      Share so = shares.getOrDefault(part.peer(), new Share("", "", 0, 0, 0, 0, 0));
      shares.put(part.peer(), so.plus(part));
    }
    TextTable table =
        new TextTable("MEMBER", "ROLE", "ZONE", "BLOBS:", "WHOLE:", "PIECES:", "BYTES:");
    shares.entrySet().stream()
        .limit(MOST_ROWS)
        .forEach(entry -> {
          Share share = entry.getValue();
          table.row(
              Names.peer(entry.getKey()),
              share.role(),
              orDash(share.zone()),
              String.valueOf(share.blobs()),
              String.valueOf(share.whole()),
              share.held() + " of " + share.pieces(),
              Amounts.bytes(share.bytes()));
        });
    if (table.isEmpty()) {
      out.println("  no member has or wants any of it");
    }
    section(out, table, shares.size());
  }

  private void printDownloads(PrintWriter out, Map<String, Double> rates) {
    TextTable table =
        new TextTable("UNDER WAY AT", "BLOB", "SIZE:", "HAS:", "RATE:", "FROM SOURCE");
    List<Part> underWay = parts().stream().filter(Part::underWay).toList();
    underWay.stream()
        .limit(MOST_ROWS)
        .forEach(part ->
            table.row(
                Names.peer(part.peer()),
                Names.digest(part.blob()),
                Amounts.bytes(part.size()),
                part.pieces() == 0 ? "no map yet" : part.percent() + " %",
                Amounts.rate(rates.getOrDefault(part.blob() + part.peer(), 0.0)),
                part.reading() == 0 ? "-" : part.reading() + " pieces now"));
    section(out, table, underWay.size());
  }

  private static void section(PrintWriter out, TextTable table, long all) {
    if (!table.isEmpty()) {
      out.println();
      table.print(out);
      if (all > MOST_ROWS) {
        out.println("  … the first " + MOST_ROWS + " of " + all + "; --json lists more");
      }
    }
  }

  private static String orDash(String text) {
    return text.replace("/", "").isEmpty() ? "-" : text;
  }
}
