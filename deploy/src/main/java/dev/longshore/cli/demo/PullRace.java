package dev.longshore.cli.demo;

import dev.longshore.cli.admin.AdminEndpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** All nodes pull at the same moment, while everybody watches. */
final class PullRace {
  private static final long SAMPLE_MILLIS = 100;

  private final Map<DemoCluster.Agent, Runner> runners = new LinkedHashMap<>();
  private final LiveProgress progress;
  private final long imageBytes;

  PullRace(Map<DemoCluster.Agent, Node> nodes, LiveProgress progress, long imageBytes) {
    nodes.forEach((agent, node) -> runners.put(agent, new Runner(agent, node)));
    this.progress = progress;
    this.imageBytes = imageBytes;
  }

  /** One node's pull and what has been seen of it; times are nanoseconds since its start. */
  private static final class Runner {
    private final AdminEndpoint admin;
    private final Node node;
    private final AtomicLong finished = new AtomicLong();
    private final AtomicReference<Optional<String>> failure =
        new AtomicReference<>(Optional.empty());
    // These two are the sampling thread's.
    private AgentTraffic traffic = AgentTraffic.NONE;
    private long arrived;

    Runner(DemoCluster.Agent agent, Node node) {
      this.admin = new AdminEndpoint(agent.admin());
      this.node = node;
    }

    void pull(long start) {
      try {
        node.pull();
      } catch (IOException | RuntimeException e) {
        failure.set(Optional.of(String.valueOf(e.getMessage())));
      } catch (InterruptedException _) {
        failure.set(Optional.of("interrupted"));
      }
      finished.set(System.nanoTime() - start);
    }

    boolean done() {
      return finished.get() != 0;
    }

    LiveProgress.State state() {
      if (failure.get().isPresent()) {
        return LiveProgress.State.FAILED;
      }
      if (done()) {
        return LiveProgress.State.DONE;
      }
      return arrived == 0 ? LiveProgress.State.PULLING : LiveProgress.State.ARRIVED;
    }
  }

  /**
   * Runs the race to its end.
   *
   * @param stillGood asked now and then; throws to give up
   */
  List<NodeResult> run(Watch stillGood) throws IOException, InterruptedException {
    long start = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (Runner runner : runners.values()) {
      threads.add(Thread.ofVirtual().start(() -> runner.pull(start)));
    }
    try {
      boolean over;
      do {
        Thread.sleep(SAMPLE_MILLIS);
        over = runners.values().stream().allMatch(Runner::done);
        stillGood.check();
        sample(start);
      } while (!over);
    } finally {
      threads.forEach(Thread::interrupt);
    }
    return results();
  }

  /** Something that throws when it is no use to go on. */
  interface Watch {
    void check() throws IOException, InterruptedException;
  }

  private void sample(long start) throws IOException, InterruptedException {
    List<LiveProgress.Line> lines = new ArrayList<>();
    for (var entry : runners.entrySet()) {
      Runner runner = entry.getValue();
      runner.traffic = AgentTraffic.of(runner.admin.debug());
      if (runner.arrived == 0 && runner.traffic.total() >= imageBytes) {
        runner.arrived = System.nanoTime() - start;
      }
      lines.add(new LiveProgress.Line(entry.getKey().name(), runner.traffic, runner.state()));
    }
    progress.show(lines, System.nanoTime() - start);
  }

  private List<NodeResult> results() {
    List<NodeResult> results = new ArrayList<>();
    runners.forEach((agent, runner) ->
        results.add(
            new NodeResult(
                agent.name(),
                runner.arrived == 0 ? runner.finished.get() : runner.arrived,
                runner.finished.get(),
                runner.traffic,
                runner.failure.get(),
                false)));
    return results;
  }
}
