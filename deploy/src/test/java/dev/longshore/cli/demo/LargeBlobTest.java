package dev.longshore.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.process.ChildDaemon;
import dev.longshore.cli.process.Leftovers;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.BlobSource;
import dev.longshore.oci.client.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A blob far larger than every heap: 5 GiB through push, swarm and pull. */
@org.junit.jupiter.api.Tag("node") // writes 15 GiB
class LargeBlobTest {
  private static final long SIZE = 5L << 30;
  private static final RepositoryName REPOSITORY = new RepositoryName("demo/large");
  private static final Tag TAG = new Tag("v1");

  /** The three copies (origin, seeder, agent), and what the machine needs besides. */
  private static final long DISK = 3 * SIZE + (5L << 30);

  /**
   * The most anonymous memory (kB) that any of the processes may have: the largest heap (512 MiB,
   * the origin's), what a JVM has beside it, and nothing that grows with a blob.
   */
  private static final long MEMORY_KB = 800L << 10;

  @Test
  void fiveGiB_pushedAndPulledThroughAnAgent_arrivesRightInFlatMemory(@TempDir Path folder)
      throws Exception {
    assumeThat(Files.getFileStore(folder).getUsableSpace())
        .as("free disk: this test writes 15 GiB")
        .isGreaterThan(DISK);
    GeneratedBlob blob = new GeneratedBlob(SIZE);
    Digest digest = blob.digest();
    try (Leftovers leftovers = Leftovers.closedAtExit()) {
      DemoCluster cluster = DemoCluster.start(folder, 1, List.of(), leftovers);
      AtomicBoolean done = new AtomicBoolean();
      MemoryWatch watch = new MemoryWatch(cluster.processes(), done);
      Thread watcher = Thread.ofVirtual().start(watch);

      push(cluster, blob, digest);
      Digest pulled = pull(cluster, digest);

      done.set(true);
      watcher.join();
      assertThat(pulled).isEqualTo(digest);
      assertThat(
              new AdminEndpoint(cluster.originAdmin()).metric(OriginFigures.SENT).orElseThrow()
                  / SIZE)
          .isLessThan(1.1);
      assertThat(watch.most.values()).allSatisfy(kb -> assertThat(kb).isLessThan(MEMORY_KB));
    }
  }

  private static void push(DemoCluster cluster, GeneratedBlob blob, Digest digest)
      throws IOException {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    try (RegistryClient origin = RegistryClient.builder(cluster.origin()).build()) {
      origin.pushBlob(REPOSITORY, digest, blob, sent -> {});
      origin.pushBlob(REPOSITORY, Digest.sha256(config), BlobSource.ofBytes(config), sent -> {});
      var _ =
          origin.pushManifest(
              REPOSITORY,
              TAG,
              ImageManifest.of(
                  new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256(config), config.length),
                  List.of(new Descriptor(MediaTypes.OCI_LAYER, digest, SIZE)),
                  Map.of()));
    }
  }

  private static Digest pull(DemoCluster cluster, Digest digest) throws IOException {
    MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
    try (RegistryClient agent =
            RegistryClient.builder(cluster.agents().getFirst().mirror())
                .mirrorOf(DemoCluster.REGISTRY)
                .build();
        InputStream in = agent.openBlob(REPOSITORY, digest, SIZE)) {
      byte[] step = new byte[1 << 20];
      for (int count = in.read(step); count >= 0; count = in.read(step)) {
        hasher.update(step, 0, count);
      }
    }
    return Digest.of(Digest.Algorithm.SHA256, hasher.digest());
  }

  /** Looks at the processes' anonymous memory (/proc/PID/status) five times a second. */
  private static final class MemoryWatch implements Runnable {
    private final List<ChildDaemon> processes;
    private final AtomicBoolean done;
    final Map<String, Long> most = new java.util.concurrent.ConcurrentSkipListMap<>();

    MemoryWatch(List<ChildDaemon> processes, AtomicBoolean done) {
      this.processes = processes;
      this.done = done;
    }

    @Override
    public void run() {
      while (!done.get()) {
        for (ChildDaemon process : processes) {
          most.merge(process.name(), anonymousKb(process.pid()), Math::max);
        }
        java.util.concurrent.locks.LockSupport.parkNanos(200_000_000);
      }
    }

    private static long anonymousKb(long pid) {
      try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
        return lines
            .filter(line -> line.startsWith("RssAnon:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0);
      } catch (IOException e) {
        return 0; // it has ended: the test fails elsewhere
      }
    }
  }
}
