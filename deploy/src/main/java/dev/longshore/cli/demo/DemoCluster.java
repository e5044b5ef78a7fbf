package dev.longshore.cli.demo;

import dev.longshore.cli.process.ChildDaemon;
import dev.longshore.cli.process.Leftovers;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Origin, tracker, seeder and agents as processes of their own on free ports of the loopback
 * address.
 *
 * @param origin where clients push
 * @param originAdmin its admin endpoint
 * @param agents the nodes
 * @param processes all of them, for {@link #checkAlive}
 */
public record DemoCluster(
    URI origin, URI originAdmin, List<Agent> agents, List<ChildDaemon> processes) {

  /** The registry's name in image references; only the agents know where it is reached. */
  public static final String REGISTRY = "registry.longshore.internal";

  private static final String ANY_PORT = "127.0.0.1:0";

  /**
   * One node's agent.
   *
   * @param name for people
   * @param mirror what its containerd is pointed at
   * @param admin its admin endpoint
   */
  public record Agent(String name, URI mirror, URI admin) {}

  /**
   * Starts everything under {@code folder} and returns when all of it listens.
   *
   * @param leftovers stops them in the end
   */
  public static DemoCluster start(
      Path folder, int agents, List<String> agentFlags, Leftovers leftovers)
      throws IOException, InterruptedException {
    return start(folder, agents, agentFlags, leftovers, ChildDaemon::start);
  }

  /** Starts one process of a cluster, as {@link ChildDaemon#start} does. */
  @FunctionalInterface
  public interface Launch {
    ChildDaemon start(String name, String command, Path folder, List<String> arguments)
        throws IOException;
  }

  /** The same with a say in how each process is started. */
  public static DemoCluster start(
      Path folder, int agents, List<String> agentFlags, Leftovers leftovers, Launch launch)
      throws IOException, InterruptedException {
    Starter starter = new Starter(folder, leftovers, launch);
    ChildDaemon origin =
        starter.start("origin", "origin", "--listen", ANY_PORT, "--data", folder + "/origin");
    Map<String, HostAndPort> originAt = origin.addresses();
    URI originUrl = url(originAt, "listen");
    // The origin made the cluster's key at its first start: its folder has both halves.
    String key = folder + "/origin/cluster.key";
    String publicKey = key + ".pub";
    ChildDaemon tracker =
        starter.start("tracker", "tracker", "--listen", ANY_PORT, "--cluster-key", publicKey);
    String trackerAt = address(tracker.addresses(), "listen").toString();
    List<String> member =
        List.of(
            "--tracker", trackerAt, "--upstream", REGISTRY + "=" + originUrl, "--peer", ANY_PORT);
    starter.start("seeder", "seeder", member, "--cluster-key", key, "--data", folder + "/seeder");
    List<ChildDaemon> nodes = new ArrayList<>();
    for (int i = 1; i <= agents; i++) {
      String name = "agent-" + i;
      List<String> flags = new ArrayList<>(member);
      flags.addAll(agentFlags);
      nodes.add(
          starter.start(
              name,
              "agent",
              flags,
              "--mirror",
              ANY_PORT,
              "--cluster-key",
              publicKey,
              "--data",
              folder + "/" + name));
    }
    for (ChildDaemon process : starter.started) {
      process.addresses();
    }
    List<Agent> ready = new ArrayList<>();
    for (ChildDaemon node : nodes) {
      Map<String, HostAndPort> at = node.addresses();
      ready.add(new Agent(node.name(), url(at, "mirror"), url(at, "admin")));
    }
    return new DemoCluster(originUrl, url(originAt, "admin"), ready, starter.started);
  }

  /** Fails with the log of the first process that has ended by itself. */
  public void checkAlive() throws IOException {
    for (ChildDaemon process : processes) {
      process.checkAlive();
    }
  }

  private static URI url(Map<String, HostAndPort> addresses, String setting) throws IOException {
    return URI.create("http://" + address(addresses, setting));
  }

  private static HostAndPort address(Map<String, HostAndPort> addresses, String setting)
      throws IOException {
    HostAndPort address = addresses.get(setting);
    if (address == null) {
      throw new IOException("the ports file has no '" + setting + "', only " + addresses.keySet());
    }
    return address;
  }

  /** Starts processes that all have their admin endpoint on a free port. */
  private static final class Starter {
    private final Path folder;
    private final Leftovers leftovers;
    private final Launch launch;
    private final List<ChildDaemon> started = new ArrayList<>();

    Starter(Path folder, Leftovers leftovers, Launch launch) {
      this.folder = folder;
      this.leftovers = leftovers;
      this.launch = launch;
    }

    ChildDaemon start(String name, String command, String... flags) throws IOException {
      return start(name, command, List.of(), flags);
    }

    ChildDaemon start(String name, String command, List<String> first, String... flags)
        throws IOException {
      List<String> all = new ArrayList<>(first);
      all.addAll(List.of(flags));
      all.addAll(List.of("--admin", ANY_PORT));
      ChildDaemon process = leftovers.add(launch.start(name, command, folder.resolve("logs"), all));
      started.add(process);
      return process;
    }
  }
}
