package dev.longshore.cli.preheat;

import dev.longshore.cli.progress.Amounts;
import dev.longshore.oci.json.BoundedJson;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a member stands.
 *
 * @param member its admin address
 * @param digest of the image that it has chosen, null before it has
 * @param bytes of the whole image
 * @param held of those that are there
 * @param bytesPerSecond lately
 * @param nanos since it was asked first
 * @param problem the last one, or why it has failed; null when there was none
 */
record MemberStatus(
    String member,
    State state,
    @Nullable String digest,
    long bytes,
    long held,
    double bytesPerSecond,
    long nanos,
    @Nullable String problem) {

  /** The kinds of states. */
  enum State {
    /** It looks the image up. */
    ASKING,
    RUNNING,
    DONE,
    FAILED
  }

  boolean over() {
    return state == State.DONE || state == State.FAILED;
  }

  int percent() {
    return bytes == 0 ? (state == State.DONE ? 100 : 0) : (int) (100 * held / bytes);
  }

  /** One line, without the member's name. */
  String text() {
    return switch (state) {
      case ASKING -> "looks the image up";
      case RUNNING -> {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%3d %%  ", percent()));
        line.append(Amounts.share(held, bytes)).append("  ").append(Amounts.rate(bytesPerSecond));
        if (bytesPerSecond >= 1) {
          line.append("  ")
              .append(Amounts.time((long) Math.ceil((bytes - held) / bytesPerSecond)))
              .append(" left");
        }
        if (problem != null) {
          line.append("  trying again: ").append(problem);
        }
        yield line.toString();
      }
      case DONE -> "done in %.1f s, %s".formatted(nanos / 1e9, Amounts.bytes(bytes));
      case FAILED -> "failed: " + problem;
    };
  }

  ObjectNode json() {
    return BoundedJson.newObject()
        .put("member", member)
        .put("state", state.name().toLowerCase(Locale.ROOT))
        .put("digest", digest)
        .put("bytes", bytes)
        .put("held", held)
        .put("bytesPerSecond", Math.round(bytesPerSecond))
        .put("seconds", Math.round(nanos / 1e6) / 1000.0)
        .put("problem", problem);
  }
}
