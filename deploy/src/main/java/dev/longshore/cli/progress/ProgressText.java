package dev.longshore.cli.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A transfer in words. */
final class ProgressText {
  private ProgressText() {}

  /** Such as {@code 43 % 88.1 of 202.5 MB 25.7 MB/s 0:04 left peers 61 %, source 39 %}. */
  static String line(ProgressSnapshot now) {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%3d %%  ", now.percent()));
    line.append(Amounts.share(now.done(), now.total()));
    line.append("  ").append(Amounts.rate(now.bytesPerSecond()));
    now.secondsLeft()
        .ifPresent(left -> line.append("  ").append(Amounts.time(left)).append(" left"));
    now.origins().map(ProgressText::shares).ifPresent(line::append);
    return line.toString();
  }

  /** Who sent which share: peers are agents and seeders together. */
  private static String shares(ByteOrigins from) {
    long received = from.received();
    if (received == 0) {
      return from.store() > 0 ? "  from the agent's store" : "";
    }
    long peers = Math.round(100.0 * (from.peers() + from.seeders()) / received);
    return "  peers " + peers + " %, source " + (100 - peers) + " %";
  }

  /** The last line. */
  static String summary(ProgressSnapshot last) {
    if (last.received() == 0 && last.done() >= last.total()) {
      return Amounts.bytes(last.total()) + " were here already";
    }
    StringBuilder text = new StringBuilder();
    if (last.done() < last.total()) {
      text.append("not finished, run again to go on: ")
          .append(Amounts.share(last.done(), last.total()))
          .append("; ");
    }
    text.append(Amounts.bytes(last.received()))
        .append(String.format(Locale.ROOT, " in %.1f s", last.seconds()))
        .append(", ")
        .append(Amounts.rate(last.averageBytesPerSecond()));
    last.origins().map(ProgressText::amounts).ifPresent(text::append);
    long kept = last.done() - last.received();
    if (kept > 0) {
      text.append("; ").append(Amounts.bytes(kept)).append(" were here already");
    }
    return text.toString();
  }

  private static String amounts(ByteOrigins from) {
    List<String> parts = new ArrayList<>();
    add(parts, from.peers(), "from peers");
    add(parts, from.seeders(), "from seeders");
    add(parts, from.source(), "from the source");
    add(parts, from.store(), "from the agent's store");
    return parts.isEmpty() ? "" : ": " + String.join(", ", parts);
  }

  private static void add(List<String> parts, long bytes, String where) {
    if (bytes > 0) {
      parts.add(Amounts.bytes(bytes) + " " + where);
    }
  }
}
