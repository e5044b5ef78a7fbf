package dev.longshore.seeder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.service.StartFailedException;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.preheat.FetchQueue;
import dev.longshore.swarm.tracker.TrackerClient;
import dev.longshore.tracker.Tracker;
import dev.longshore.tracker.TrackerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole seeder and a tracker in this process; the foreign registry is a page of code. */
class SeederTest {
  private static final String NAME = "registry.example";
  private static final SourceRef SOURCE = new SourceRef(NAME, "team/app");
  private static final byte[] BLOB = random(1, 3_000_000);
  private static final Digest DIGEST = Digest.sha256(BLOB);
  private static final String LOGIN = "Basic c2VlZGVyOnMzY3IzdA=="; // seeder:s3cr3t

  @TempDir Path folder;

  private final List<AutoCloseable> parts = new ArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private final HttpServer registry;
  private final ClusterKey key;
  private final Tracker tracker;
  private final Path keyFile;
  private volatile boolean wrongBytes;
  private volatile boolean wantsLogin;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  SeederTest(@TempDir Path keys) throws Exception {
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext("/", this::answer);
    registry.start();
    parts.add(() -> registry.stop(0));
    key = ClusterKey.loadOrCreate(keys.resolve("cluster.key"));
    Files.copy(keys.resolve("cluster.key"), keys.resolve("seeder.key"));
    keyFile = keys.resolve("seeder.key");
    tracker = Tracker.start(TrackerConfig.onFreePorts());
    parts.add(tracker);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (wantsLogin && !LOGIN.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
        exchange.sendResponseHeaders(401, -1);
      } else if (!path.equals("/v2/team/app/blobs/" + DIGEST)) {
        exchange.sendResponseHeaders(404, -1);
      } else if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", String.valueOf(BLOB.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        byte[] bytes = BLOB.clone();
        if (wrongBytes) {
          bytes[0] ^= 1;
        }
        gate.await();
        sent.addAndGet(bytes.length);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private SeederConfig config() {
    return SeederConfig.onFreePorts(
        folder.resolve("seeder"),
        keyFile,
        "--tracker=" + tracker.listen(),
        "--upstream=" + NAME + "=http://127.0.0.1:" + registry.getAddress().getPort());
  }

  private Seeder start(SeederConfig config) throws Exception {
    Seeder seeder = Seeder.start(config, new SimpleMeterRegistry());
    parts.add(seeder);
    return seeder;
  }

  /** A member that only asks. */
  private TrackerClient member() {
    TrackerClient member =
        TrackerClient.connect(
            List.of(tracker.listen().toString()),
            new PeerAddress(PeerId.random(new Random(9)), "127.0.0.1", 1, PeerRole.AGENT),
            "",
            key.trusted(),
            null);
    parts.add(member);
    return member;
  }

  @Test
  void wanted_foreignBlob_isPulledSignedPublishedAndSeeded() throws Exception {
    gate = new CountDownLatch(1);
    Seeder seeder = start(config());
    TrackerClient member = member();
    List<PeerAddress> found = new CopyOnWriteArrayList<>();
    PeerSource.Registration wish = member.join(DIGEST, BLOB.length, SOURCE, found::add);
    CompletableFuture<Optional<SignedPieceMap>> waiting =
        member.find(DIGEST, Duration.ofSeconds(20));
    await().until(() -> found.stream().anyMatch(peer -> peer.role() == PeerRole.SEEDER));
    assertThat(waiting).isNotDone(); // the seeder shows before it has anything
    gate.countDown();
    Optional<SignedPieceMap> map = waiting.get(30, TimeUnit.SECONDS);
    assertThat(map).isPresent();
    assertThat(map.get().map().layout().size()).isEqualTo(BLOB.length);
    assertThat(sent).hasValue(BLOB.length);
    await().until(() -> wanted(seeder).state() == FetchQueue.State.DONE);
    wish.close();
  }

  @Test
  void wanted_blobOfOnePiece_isLeftToThoseWhoWantIt() throws Exception {
    Seeder seeder = start(config());
    TrackerClient member = member();
    PeerSource.Registration small =
        member.join(Digest.sha256(random(2, 20_000)), 20_000, SOURCE, peer -> {});
    PeerSource.Registration large = member.join(DIGEST, BLOB.length, SOURCE, peer -> {});
    await().until(() -> !debug(seeder).wanted().isEmpty());
    assertThat(debug(seeder).wanted())
        .singleElement()
        .satisfies(report -> assertThat(report.toString()).contains(DIGEST.toString()));
    small.close();
    large.close();
  }

  @Test
  void wanted_wrongBytesAtTheSource_isReportedAndNothingIsPublished() throws Exception {
    wrongBytes = true;
    Seeder seeder = start(config());
    TrackerClient member = member();
    PeerSource.Registration wish = member.join(DIGEST, BLOB.length, SOURCE, peer -> {});
    await().until(() -> !debug(seeder).wanted().isEmpty() && wanted(seeder).lastFailure() != null);
    assertThat(wanted(seeder).lastFailure()).contains("wrong bytes");
    assertThat(member.find(DIGEST, Duration.ZERO).get(5, TimeUnit.SECONDS)).isEmpty();
    wrongBytes = false; // and the next attempt mends it
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> wanted(seeder).state() == FetchQueue.State.DONE);
    wish.close();
  }

  @Test
  void wanted_privateRegistry_isReadWithTheSeedersOwnLogin() throws Exception {
    wantsLogin = true;
    Path auth =
        Files.writeString(
            folder.resolve("auth.json"),
            "{\"auths\":{\"" + NAME + "\":{\"auth\":\"c2VlZGVyOnMzY3IzdA==\"}}}");
    SeederConfig plain = config();
    Seeder seeder =
        start(
            new SeederConfig(
                plain.tracker(),
                plain.upstream(),
                plain.peer(),
                plain.advertise(),
                plain.data(),
                plain.admin(),
                plain.clusterKey(),
                Optional.of(auth),
                plain.zone(),
                plain.uploadLimit(),
                plain.downloadLimit(),
                plain.quota(),
                plain.parallel(),
                plain.transport()));
    PeerSource.Registration wish = member().join(DIGEST, BLOB.length, SOURCE, peer -> {});
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            !debug(seeder).wanted().isEmpty() && wanted(seeder).state() == FetchQueue.State.DONE);
    wish.close();
  }

  @Test
  void start_withThePublicKeyOnly_saysWhatIsNeeded() throws Exception {
    Path publicOnly = Files.writeString(folder.resolve("only.pub"), key.publicPem());
    SeederConfig config = SeederConfig.onFreePorts(folder.resolve("x"), publicOnly);
    assertThatThrownBy(() -> Seeder.start(config, new SimpleMeterRegistry()))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("DATA/cluster.key");
  }

  private static SeederState debug(Seeder seeder) {
    return (SeederState) seeder.debug();
  }

  private static FetchQueue.Report wanted(Seeder seeder) {
    return debug(seeder).wanted().getFirst();
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return Arrays.copyOf(bytes, size);
  }
}
