package dev.longshore.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.cli.demo.DemoCluster;
import dev.longshore.cli.process.ChildDaemon;
import dev.longshore.cli.process.FileTree;
import dev.longshore.cli.process.Leftovers;
import dev.longshore.cli.process.StartCache;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePuller;
import dev.longshore.oci.layout.ImagePusher;
import dev.longshore.oci.layout.TransferListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Pushes an image and pulls it through two agents, and keeps what the JVMs recorded of it. */
public final class Rehearsal {
  /*
   * One process of each kind records; the second agent is there to be pulled from and to pull. The
   * pulls are enough for what moves pieces to become hot, which is what the record is to say.
   */
  private static final Map<String, String> RECORDED =
      Map.of("origin", "origin", "tracker", "tracker", "seeder", "seeder", "agent-1", "agent");

  private static final int AGENTS = 2;
  private static final int BLOBS_AT_A_TIME = 3;
  private static final int LAYERS = 4;
  private static final int LAYER_BYTES = 32 << 20;
  private static final RepositoryName REPOSITORY = new RepositoryName("rehearsal/image");
  private static final Tag TAG = new Tag("rehearsal");

  /** Writing a record takes some five seconds of CPU, and four processes do it at once. */
  private static final Duration RECORDING_LIMIT = Duration.ofMinutes(3);

  private Rehearsal() {}

  /**
   * Runs it and leaves one cache a kind of daemon in a folder, each of them whole or not at all.
   *
   * @throws IOException if a daemon did not do its part
   */
  public static void run(Path output) throws IOException, InterruptedException {
    Files.createDirectories(output);
    try (Leftovers leftovers = Leftovers.closedAtExit()) {
      Path folder = Files.createTempDirectory("longshore-rehearsal-");
      leftovers.add(() -> FileTree.delete(folder));
      Path made = Files.createDirectory(folder.resolve("made"));
      DemoCluster cluster =
          DemoCluster.start(
              folder,
              AGENTS,
              List.of(),
              leftovers,
              (name, command, logs, arguments) ->
                  ChildDaemon.start(name, command, logs, arguments, flags(name, made)));
      play(cluster, folder);
      finish(cluster, made);
      keep(made, output);
    }
  }

  private static List<String> flags(String name, Path made) {
    String kind = RECORDED.get(name);
    return kind == null ? List.of() : StartCache.record(StartCache.file(made, kind));
  }

  private static void play(DemoCluster cluster, Path folder)
      throws IOException, InterruptedException {
    push(cluster, folder.resolve("image"));
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Descriptor>> pulls = new ArrayList<>();
      for (DemoCluster.Agent agent : cluster.agents()) {
        pulls.add(pool.submit(() -> pull(agent, folder.resolve("pulled-by-" + agent.name()))));
      }
      for (Future<Descriptor> pull : pulls) {
        pull.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("A pull of the rehearsal failed", e.getCause());
    }
  }

  private static void push(DemoCluster cluster, Path directory) throws IOException {
    ImageLayout layout = ImageLayout.create(directory);
    List<Descriptor> layers = new ArrayList<>();
    byte[] bytes = new byte[LAYER_BYTES];
    for (int i = 0; i < LAYERS; i++) {
      new Random(i).nextBytes(bytes);
      layers.add(layout.write(MediaTypes.OCI_LAYER, bytes));
    }
    ImageManifest image =
        ImageManifest.of(
            layout.write(MediaTypes.OCI_CONFIG, "{}".getBytes(UTF_8)), layers, Map.of());
    layout.write(image.mediaType(), image.bytes());
    try (RegistryClient client = RegistryClient.builder(cluster.origin()).build()) {
      var _ =
          new ImagePusher(client, BLOBS_AT_A_TIME)
              .push(layout, image.descriptor(), REPOSITORY, TAG, null, TransferListener.silent());
    }
  }

  private static Descriptor pull(DemoCluster.Agent agent, Path directory) throws IOException {
    try (RegistryClient client =
        RegistryClient.builder(agent.mirror()).mirrorOf(DemoCluster.REGISTRY).build()) {
      return new ImagePuller(client, BLOBS_AT_A_TIME)
          .pull(
              REPOSITORY,
              TAG,
              null,
              ImageLayout.create(directory),
              TAG.toString(),
              TransferListener.silent());
    }
  }

  /** A JVM writes its record when it ends by itself. */
  private static void finish(DemoCluster cluster, Path made)
      throws IOException, InterruptedException {
    Map<ChildDaemon, Path> records = new LinkedHashMap<>();
    for (ChildDaemon process : cluster.processes()) {
      String kind = RECORDED.get(process.name());
      if (kind != null) {
        records.put(process, StartCache.file(made, kind));
      }
    }
    records.keySet().forEach(ChildDaemon::requestStop);
    for (Map.Entry<ChildDaemon, Path> record : records.entrySet()) {
      record.getKey().awaitEnd(RECORDING_LIMIT);
      if (!Files.exists(record.getValue())) {
        throw new IOException(
            record.getKey().name() + " wrote no start cache:\n" + record.getKey().logTail());
      }
    }
  }

  private static void keep(Path made, Path output) throws IOException {
    for (String kind : RECORDED.values()) {
      // Copied first: the temporary folder may be on another file system.
      Path copied = output.resolve(kind + ".new");
      Files.copy(StartCache.file(made, kind), copied, StandardCopyOption.REPLACE_EXISTING);
      Files.move(
          copied,
          StartCache.file(output, kind),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
