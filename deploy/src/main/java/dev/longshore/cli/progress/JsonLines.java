package dev.longshore.cli.progress;

import dev.longshore.oci.json.BoundedJson;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One JSON object a line: {@code event} says of which kind it is. */
public final class JsonLines implements ProgressView {
  private final PrintWriter out;

  public JsonLines(PrintWriter out) {
    this.out = out;
  }

  @Override
  public Duration interval() {
    return Duration.ofMillis(500);
  }

  @Override
  public void show(ProgressSnapshot now) {
    ObjectNode event = event("progress");
    put(event, now);
    event.put("bytesPerSecond", Math.round(now.bytesPerSecond()));
    now.secondsLeft()
        .ifPresentOrElse(
            left -> event.put("secondsLeft", left), () -> event.putNull("secondsLeft"));
    print(event);
  }

  /** The command prints its result, or its failure. */
  @Override
  public void end(ProgressSnapshot last) {}

  /** The figures of a whole transfer, as part of a result. */
  static void putTotals(ObjectNode result, TransferProgress progress, ProgressSnapshot last) {
    put(result, last);
    result.put("bytesPerSecond", Math.round(last.averageBytesPerSecond()));
    ArrayNode blobs = result.putArray("blobs");
    for (TransferProgress.BlobOutcome each : progress.outcomes()) {
      blobs
          .addObject()
          .put("digest", each.blob().digest().toString())
          .put("bytes", each.blob().size())
          .put("outcome", each.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
  }

  private static void put(ObjectNode event, ProgressSnapshot now) {
    event.put("bytes", now.total());
    event.put("done", now.done());
    event.put("received", now.received());
    event.put("seconds", Math.round(now.seconds() * 1000) / 1000.0);
    now.origins()
        .ifPresentOrElse(from -> event.set("from", from.json()), () -> event.putNull("from"));
  }

  /** An object to fill and to {@link #print}. */
  public static ObjectNode event(String kind) {
    return BoundedJson.newObject().put("event", kind);
  }

  /** Prints an object as a line. */
  public void print(ObjectNode event) {
    out.println(new String(BoundedJson.write(event), StandardCharsets.UTF_8));
    out.flush();
  }
}
