package dev.longshore.cli.demo;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.image.DemoImage;
import dev.longshore.cli.node.NodeAbility;
import dev.longshore.cli.node.PrivateContainerd;
import dev.longshore.cli.process.ChildDaemon;
import dev.longshore.cli.process.FileTree;
import dev.longshore.cli.process.Leftovers;
import dev.longshore.oci.Platform;
import dev.longshore.oci.Reference;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePuller;
import dev.longshore.oci.layout.TransferListener;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The demo from its first line to its last. */
public final class Demo {
  private static final RepositoryName MADE = new RepositoryName("demo/jdk");
  private static final RepositoryName GIVEN = new RepositoryName("demo/image");
  private static final Tag TAG = new Tag("demo");
  private static final long PIECE_MAPS_LIMIT_NANOS = 60_000_000_000L;

  private final DemoSettings settings;
  private final PrintStream out;

  public Demo(DemoSettings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  /**
   * Runs it and cleans up, whatever happens.
   *
   * @return whether every digest, every container and the source's egress were as they must be
   */
  public boolean run() throws IOException, InterruptedException {
    try (Leftovers leftovers = Leftovers.closedAtExit()) {
      try {
        return run(leftovers);
      } catch (IOException | RuntimeException e) {
        if (leftovers.closing()) {
          throw new InterruptedException(); // what failed was being stopped
        }
        throw e;
      }
    }
  }

  private boolean run(Leftovers leftovers) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("longshore-demo-");
    leftovers.add(() -> FileTree.delete(folder));
    List<String> missing = NodeAbility.missing();
    boolean containers = missing.isEmpty();

    SourceImage image = image(folder);
    out.printf(
        Locale.ROOT,
        "  %d %s, %.1f MB%n",
        image.layers(),
        image.layers() == 1 ? "layer" : "layers",
        image.contentBytes() / 1e6);
    DiskSpace.require(folder, image.contentBytes(), settings.agents(), containers);

    String agents = settings.agents() == 1 ? "1 agent" : settings.agents() + " agents";
    say("Starting origin, tracker, seeder and " + agents + ", each a process");
    DemoCluster cluster =
        DemoCluster.start(folder, settings.agents(), settings.agentFlags(), leftovers);

    say("Pushing the image to the origin at " + cluster.origin());
    RepositoryName repository = settings.image().isPresent() ? GIVEN : MADE;
    image.push(cluster.origin(), repository, TAG);
    AdminEndpoint origin = new AdminEndpoint(cluster.originAdmin());
    awaitPieceMaps(origin);

    Reference reference = new Reference(DemoCluster.REGISTRY, repository, TAG, null);
    if (containers) {
      say("Starting a containerd for each agent, which is its mirror");
    } else {
      say("Pulling with plain HTTP clients; containerd would need: " + String.join(", ", missing));
    }
    Map<DemoCluster.Agent, Node> nodes = new LinkedHashMap<>();
    for (DemoCluster.Agent agent : cluster.agents()) {
      nodes.put(agent, leftovers.add(node(agent, reference, folder, containers)));
    }

    say("Pulling " + reference + " on all of them at once");
    long before = sent(origin);
    List<NodeResult> results =
        new PullRace(nodes, new LiveProgress(out, image.contentBytes()), image.contentBytes())
            .run(() -> {
              stopIfAsked(leftovers);
              cluster.checkAlive();
            });
    stopIfAsked(leftovers);
    long egress = sent(origin) - before;
    if (containers && image.expectedOutput().isPresent()) {
      say("Running a container of it on each");
      results = ContainerCheck.run(nodes, results, image.expectedOutput().get(), out);
    }
    Verdict verdict = new Verdict(results, image.contentBytes(), egress);
    verdict.print(out);
    if (settings.keep()) {
      stayUp(cluster, nodes, reference, leftovers);
    }
    return verdict.good();
  }

  private SourceImage image(Path folder) throws IOException, InterruptedException {
    Optional<String> given = settings.image();
    if (given.isEmpty()) {
      say("Building an image of this machine's JDK and of Longshore itself");
      DemoImage made = DemoImage.buildOrReuse(settings.cache(), line -> out.println("  " + line));
      return SourceImage.in(made.layout(), Optional.of(made.expectedOutput()));
    }
    if (given.get().startsWith("oci:")) {
      return SourceImage.in(Path.of(given.get().substring("oci:".length())), Optional.empty());
    }
    Reference reference = Reference.parse(given.get());
    say("Fetching " + reference);
    try (RegistryClient client =
        RegistryClient.builder(RegistryClient.endpointOf(reference.registry())).build()) {
      Path directory = folder.resolve("image");
      new ImagePuller(client, 3)
          .pull(
              reference.repository(),
              reference.target(),
              Platform.current(),
              ImageLayout.create(directory),
              reference.target().toString(),
              TransferListener.silent());
      return SourceImage.in(directory, Optional.empty());
    }
  }

  private static Node node(
      DemoCluster.Agent agent, Reference image, Path folder, boolean containers)
      throws IOException, InterruptedException {
    if (!containers) {
      return new HttpNode(agent.mirror(), image);
    }
    // A short name: the path of containerd's socket has 104 characters at most.
    PrivateContainerd containerd =
        PrivateContainerd.start(folder.resolve(agent.name().replace("agent", "node")));
    containerd.useMirror(image.registry(), agent.mirror());
    return new ContainerdNode(containerd, image.toString(), agent.name());
  }

  /** Piece maps are made after a push has been answered; a rollout comes later than this demo. */
  private static void awaitPieceMaps(AdminEndpoint origin)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PIECE_MAPS_LIMIT_NANOS;
    while (origin.metric(OriginFigures.PIECE_MAP_BACKLOG).orElse(0) > 0) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the origin did not finish its piece maps within a minute");
      }
      Thread.sleep(50);
    }
  }

  private static long sent(AdminEndpoint origin) throws IOException, InterruptedException {
    return (long)
        origin
            .metric(OriginFigures.SENT)
            .orElseThrow(() -> new IOException("the origin has no metric " + OriginFigures.SENT));
  }

  private void stayUp(
      DemoCluster cluster,
      Map<DemoCluster.Agent, Node> nodes,
      Reference reference,
      Leftovers leftovers)
      throws IOException, InterruptedException {
    out.println();
    for (ChildDaemon process : cluster.processes()) {
      out.printf(Locale.ROOT, "  %-9s", process.name());
      new TreeMap<>(process.addresses())
          .forEach((setting, address) ->
              out.printf(Locale.ROOT, "  %-6s %-22s", setting, protocol(setting) + address));
      out.println();
    }
    nodes.forEach((agent, node) -> {
      if (node instanceof ContainerdNode containerd) {
        out.printf(
            Locale.ROOT,
            "  %-9s  ctr --address %s%n",
            agent.name(),
            containerd.containerd().socket());
      }
    });
    out.println("  image      " + reference + ", pushed to " + cluster.origin());
    say("Everything stays up until Ctrl-C");
    leftovers.add(() -> say("Stopping everything"));
    Thread.currentThread().join();
  }

  private static String protocol(String setting) {
    return setting.equals("admin") || setting.equals("mirror") ? "http://" : "";
  }

  private static void stopIfAsked(Leftovers leftovers) throws InterruptedException {
    if (leftovers.closing()) {
      throw new InterruptedException();
    }
  }

  private void say(String step) {
    out.println(step);
    out.flush();
  }
}
