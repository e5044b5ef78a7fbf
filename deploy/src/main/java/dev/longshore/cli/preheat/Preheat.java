package dev.longshore.cli.preheat;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.service.unit.HostAndPort;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/** All members at once, watched to the end. */
public final class Preheat {
  private final PreheatOrder order;
  private final List<MemberPreheat> members;

  public Preheat(PreheatOrder order, List<HostAndPort> members) {
    this.order = order;
    this.members = members.stream().map(member -> new MemberPreheat(member, order)).toList();
  }

  /**
   * Runs to the end.
   *
   * @param json JSON lines to {@code out}; otherwise progress to {@code err}, the outcome to {@code
   *     out}
   * @return the members that failed
   */
  public List<String> run(boolean json, PrintWriter out, PrintWriter err)
      throws InterruptedException {
    PreheatBoard board = new PreheatBoard(json, out, err);
    CountDownLatch running = new CountDownLatch(members.size());
    List<Thread> threads = new ArrayList<>();
    for (MemberPreheat member : members) {
      threads.add(
          Thread.ofVirtual()
              .name("preheat-" + member.status().member())
              .start(() -> {
                try {
                  member.run();
                } finally {
                  running.countDown();
                }
              }));
    }
    try {
      while (!running.await(board.interval().toMillis(), TimeUnit.MILLISECONDS)) {
        board.show(statuses());
      }
    } finally {
      threads.forEach(Thread::interrupt);
    }
    List<MemberStatus> last = statuses();
    board.end(last);
    List<String> failed =
        last.stream()
            .filter(member -> member.state() != MemberStatus.State.DONE)
            .map(MemberStatus::member)
            .toList();
    if (json) {
      ObjectNode result =
          JsonLines.event("result").put("image", order.image()).put("ok", failed.isEmpty());
      PreheatBoard.put(result, last);
      new JsonLines(out).print(result);
    }
    return failed;
  }

  private List<MemberStatus> statuses() {
    return members.stream().map(MemberPreheat::status).toList();
  }
}
