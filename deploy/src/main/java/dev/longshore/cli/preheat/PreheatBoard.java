package dev.longshore.cli.preheat;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.progress.Terminal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows how far the members are: drawn over on a terminal, a line elsewhere, or JSON. */
final class PreheatBoard {
  private static final int COLUMNS = 79;

  /** More lines than this push the first ones off the screen, where nothing can draw them over. */
  private static final int MOST_LINES = 16;

  private final boolean json;
  private final boolean terminal;
  private final PrintWriter out;
  private final PrintWriter err;
  private int drawn;

  PreheatBoard(boolean json, PrintWriter out, PrintWriter err) {
    this.json = json;
    this.terminal = !json && Terminal.isErrorStream();
    this.out = out;
    this.err = err;
  }

  Duration interval() {
    return json
        ? Duration.ofMillis(500)
        : terminal ? Duration.ofMillis(250) : Duration.ofSeconds(3);
  }

  void show(List<MemberStatus> members) {
    if (json) {
      ObjectNode event = JsonLines.event("progress");
      put(event, members);
      new JsonLines(out).print(event);
    } else if (terminal) {
      draw(members.size() <= MOST_LINES ? lines(members) : List.of(summary(members)));
    } else {
      err.println(members.size() <= 4 ? String.join("; ", lines(members)) : summary(members));
      err.flush();
    }
  }

  static void put(ObjectNode event, List<MemberStatus> members) {
    ArrayNode list = event.putArray("members");
    members.forEach(member -> list.add(member.json()));
  }

  private static List<String> lines(List<MemberStatus> members) {
    int width = members.stream().mapToInt(member -> member.member().length()).max().orElse(0);
    return members.stream()
        .map(member -> String.format("%-" + width + "s  %s", member.member(), member.text()))
        .toList();
  }

  private static String summary(List<MemberStatus> members) {
    long done = count(members, MemberStatus.State.DONE);
    long failed = count(members, MemberStatus.State.FAILED);
    MemberStatus slowest =
        members.stream()
            .filter(member -> !member.over())
            .min(java.util.Comparator.comparingInt(MemberStatus::percent))
            .orElse(members.getFirst());
    String text =
        String.format(Locale.ROOT, "%d of %d done, %d failed", done, members.size(), failed);
    return slowest.over() ? text : text + "; last " + slowest.member() + " " + slowest.text();
  }

  private static long count(List<MemberStatus> members, MemberStatus.State state) {
    return members.stream().filter(member -> member.state() == state).count();
  }

  private void draw(List<String> lines) {
    StringBuilder screen = new StringBuilder();
    if (drawn > 0) {
      screen.append("\033[").append(drawn).append('A'); // ECMA-48: cursor up
    }
    for (String line : lines) {
      screen.append("\033[2K"); // erase in line
      screen.append(line.length() > COLUMNS ? line.substring(0, COLUMNS) : line).append('\n');
    }
    drawn = lines.size();
    err.print(screen);
    err.flush();
  }

  /** What became of each, whole: the last lines on standard output. */
  void end(List<MemberStatus> members) {
    if (terminal) {
      draw(members.size() <= MOST_LINES ? lines(members) : List.of(summary(members)));
    }
    boolean shown = terminal && members.size() <= MOST_LINES && Terminal.isOutputStream();
    if (!json && !shown) {
      lines(members).forEach(out::println);
      out.flush();
    }
  }
}
