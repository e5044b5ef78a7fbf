package dev.longshore.cli;

import dev.longshore.agent.AgentMain;
import dev.longshore.bench.BenchCommand;
import dev.longshore.bench.BenchMain;
import dev.longshore.cli.lazybench.LazyBench;
import dev.longshore.cli.lazybench.LazyBenchSettings;
import dev.longshore.cli.standalone.StandaloneMain;
import dev.longshore.lazy.SnapshotterMain;
import dev.longshore.origin.OriginMain;
import dev.longshore.seeder.SeederMain;
import dev.longshore.tracker.TrackerMain;
import java.util.List;
import java.util.Optional;

/**
 * A command that is a program of its own: it parses its own settings and never returns.
 *
 * @param name what the user types
 * @param summary one line for the list of commands
 * @param main its entry point
 */
record Daemon(String name, String summary, Main main) {

  /** In the order in which the help lists them. */
  static final List<Daemon> ALL =
      List.of(
          new Daemon("origin", "the registry that images are pushed to", OriginMain::main),
          new Daemon(
              "tracker", "who has what; piece maps; leases on the source", TrackerMain::main),
          new Daemon(
              "seeder", "pulls once what no origin vouches for, and seeds it", SeederMain::main),
          new Daemon(
              "agent", "the node's agent: containerd's mirror, fed by the swarm", AgentMain::main),
          new Daemon(
              "snapshotter",
              "containerd's snapshotter: starts containers before their image is here",
              SnapshotterMain::main),
          new Daemon(
              "standalone", "origin, tracker and agent in one process", StandaloneMain::main),
          new Daemon("bench", "the benchmarks, with the baseline beside them", Daemon::bench));

  private static void bench(String[] arguments) {
    BenchMain.main(
        arguments,
        List.of(
            new BenchCommand<>(
                "lazy",
                "Containers of real images that the node has never seen, beside overlayfs.",
                LazyBenchSettings.class,
                LazyBench::run)));
  }

  /** The entry point of a daemon. */
  @FunctionalInterface
  interface Main {
    void run(String[] args) throws Exception;
  }

  /** The daemon of this name, empty when there is none. */
  static Optional<Daemon> named(String name) {
    return ALL.stream().filter(d -> d.name.equals(name)).findFirst();
  }
}
