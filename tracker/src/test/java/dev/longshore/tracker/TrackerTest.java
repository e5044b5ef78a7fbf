package dev.longshore.tracker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.LeaseBroker.LeaseReply;
import dev.longshore.swarm.discovery.PeerSource.Registration;
import dev.longshore.swarm.discovery.WantedSink;
import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.TrackerClient;
import dev.longshore.swarm.tracker.TrackerClientMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real trackers and real clients on the loopback address. */
@Timeout(60)
final class TrackerTest {
  private static final SourceRef SOURCE = new SourceRef("registry.example", "library/app");
  private static final Duration SOON = Duration.ofSeconds(10);

  private final ClusterKey key = ClusterKey.generate();
  private final List<AutoCloseable> open = new ArrayList<>();
  private Tracker tracker;

  @BeforeEach
  void start() throws Exception {
    tracker = start(0);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void join_secondMember_eachHearsOfTheOther() {
    TestMember a = member(PeerRole.AGENT, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    a.join(blob("x"));
    b.join(blob("x"));
    await().atMost(SOON).untilAsserted(() -> assertThat(a.found).containsExactly(b.id));
    await().atMost(SOON).untilAsserted(() -> assertThat(b.found).containsExactly(a.id));
  }

  @Test
  void join_otherBlob_hearsNothing() throws Exception {
    TestMember a = member(PeerRole.AGENT, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    a.join(blob("x"));
    b.join(blob("y"));
    b.client.find(blob("y"), Duration.ZERO).get(); // a round trip: everything before was answered
    assertThat(b.found).isEmpty();
  }

  @Test
  void countHolders_anotherHasItAll_isOne() {
    TestMember a = member(PeerRole.AGENT, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    a.join(blob("x")).progress(4, 4);
    b.join(blob("x")).progress(4, 4);
    Map<Digest, Integer> counts = new ConcurrentHashMap<>();
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          a.client.countHolders(List.of(blob("x"), blob("y")), counts::put);
          assertThat(counts).containsOnly(Map.entry(blob("x"), 1), Map.entry(blob("y"), 0));
        });
  }

  @Test
  void join_portKnownLater_announcedThen() {
    TestMember a = member(PeerRole.AGENT, tracker);
    PeerId id = PeerId.random(ThreadLocalRandom.current());
    TrackerClient late =
        TrackerClient.connect(
            names(tracker),
            new PeerAddress(id, "0.0.0.0", 0, PeerRole.AGENT),
            "",
            key.trusted(),
            null);
    open.add(late);
    open.add(late.join(blob("x"), 1, SOURCE, peer -> {}));
    List<PeerAddress> found = new CopyOnWriteArrayList<>();
    open.add(a.client.join(blob("x"), 1, SOURCE, found::add));
    late.listeningOn(4242);
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(found).contains(new PeerAddress(id, "127.0.0.1", 4242, PeerRole.AGENT)));
  }

  @Test
  void request_twoMembers_disjointPieces() throws Exception {
    TestMember a = member(PeerRole.AGENT, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    a.join(blob("x"));
    b.join(blob("x"));
    BitSet first = a.lease(blob("x"), 100, 8);
    BitSet second = b.lease(blob("x"), 100, 8);
    assertThat(first.cardinality()).isEqualTo(8);
    assertThat(second.cardinality()).isEqualTo(8);
    assertThat(first.intersects(second)).as("%s and %s", first, second).isFalse();
  }

  @Test
  void find_publishedBefore_foundAtOnce() throws Exception {
    SignedPieceMap map = signed("x");
    TestMember a = member(PeerRole.SEEDER, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    a.client.publish(map);
    assertThat(b.client.find(map.map().digest(), SOON).get()).contains(map);
  }

  @Test
  void find_publishedWhileWaiting_foundThen() throws Exception {
    SignedPieceMap map = signed("x");
    TestMember a = member(PeerRole.SEEDER, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    var answer = b.client.find(map.map().digest(), SOON);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(tracker.debug().toString()).contains("mapWaits=1"));
    a.client.publish(map);
    assertThat(answer.get()).contains(map);
  }

  @Test
  void find_nobodyPublishes_emptyAfterTheWait() throws Exception {
    TestMember a = member(PeerRole.AGENT, tracker);
    long before = System.nanoTime();
    assertThat(a.client.find(blob("x"), Duration.ofMillis(300)).get()).isEmpty();
    assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(250));
  }

  @Test
  void find_mapOfStrangeKey_refusedAndCounted() throws Exception {
    SignedPieceMap forged = signed("x", ClusterKey.generate());
    TestMember a = member(PeerRole.AGENT, tracker);
    TestMember b = member(PeerRole.AGENT, tracker);
    a.client.publish(forged);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(tracker.debug().toString()).contains("maps=1"));
    assertThat(b.client.find(forged.map().digest(), Duration.ZERO).get()).isEmpty();
    assertThat(b.metrics.get(TrackerClientMetrics.MAPS_REFUSED).counter().count()).isEqualTo(1);
  }

  @Test
  void publish_strangeKeyToTrackerWithKey_refusedThere(@TempDir Path dir) throws Exception {
    Path pub = Files.writeString(dir.resolve("cluster.key.pub"), key.publicPem());
    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    Tracker strict = Tracker.start(TrackerConfig.onFreePorts().withClusterKey(pub), metrics);
    open.add(strict);
    TestMember a = member(PeerRole.AGENT, strict);
    a.client.publish(signed("x", ClusterKey.generate()));
    a.client.publish(signed("y"));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(strict.debug().toString()).contains("maps=1"));
    assertThat(metrics.get(TrackerMetrics.MAPS_REFUSED).functionCounter().count()).isEqualTo(1);
  }

  @Test
  void wanted_agentAnnounces_seederIsCalled() {
    List<Digest> wanted = new CopyOnWriteArrayList<>();
    TestMember seeder =
        member(PeerRole.SEEDER, (blob, size, source) -> wanted.add(blob), names(tracker));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(tracker.debug().toString()).contains("members=1"));
    TestMember agent = member(PeerRole.AGENT, tracker);
    agent.join(blob("x"));
    await().atMost(SOON).untilAsserted(() -> assertThat(wanted).containsExactly(blob("x")));
    assertThat(seeder.found).isEmpty();
  }

  @Test
  void restart_samePort_everythingIsToldAgain() throws Exception {
    SignedPieceMap map = signed("x");
    TestMember a = member(PeerRole.SEEDER, tracker);
    a.join(blob("x"));
    a.client.publish(map);
    BitSet reading = a.lease(blob("x"), 100, 8);
    BitSet read = new BitSet();
    read.set(reading.nextSetBit(0));
    a.client.done(blob("x"), read);

    int port = tracker.listen().port();
    tracker.close();
    tracker = start(port);

    TestMember b = member(PeerRole.AGENT, tracker);
    b.join(blob("x"));
    await().atMost(SOON).untilAsserted(() -> assertThat(b.found).contains(a.id));
    assertThat(b.client.find(map.map().digest(), SOON).get()).contains(map);
    BitSet others = b.lease(blob("x"), 100, 100);
    assertThat(others.intersects(reading)).as("%s and %s", others, reading).isFalse();
  }

  @Test
  void twoTrackers_oneGoes_leasesStayDisjoint() throws Exception {
    Tracker second = start(0);
    TestMember a = member(PeerRole.AGENT, tracker, second);
    TestMember b = member(PeerRole.AGENT, tracker, second);
    a.join(blob("x"));
    b.join(blob("x"));
    await().atMost(SOON).untilAsserted(() -> assertThat(b.found).contains(a.id));
    BitSet first = a.lease(blob("x"), 64, 16);
    second.close();
    BitSet after = b.lease(blob("x"), 64, 64);
    assertThat(after.intersects(first)).as("%s and %s", after, first).isFalse();
    tracker.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void request_readerDies_anotherReadsWithinTwoSeconds(boolean withoutAWord) throws Exception {
    TestMember b = member(PeerRole.AGENT, tracker);
    b.join(blob("x"));
    long quickest = Long.MAX_VALUE;
    for (int round = 0; round < 3 && quickest > Duration.ofSeconds(2).toNanos(); round++) {
      try (SilentLine line = new SilentLine(tracker.listen())) {
        TestMember a = member(PeerRole.AGENT, null, List.of(line.address()));
        a.join(blob("x"));
        assertThat(a.lease(blob("x"), 64, 64).cardinality()).isEqualTo(64);
        // It is heard again and again, and therefore alone with its leases.
        for (int ask = 0; ask < 5; ask++) {
          LeaseReply reply = b.client.request(blob("x"), 64, all(64), 16).get();
          assertThat(reply.granted().isEmpty()).isTrue();
          await().pollDelay(reply.retryAfter()).until(() -> true);
        }
        if (withoutAWord) {
          line.fallSilent();
        } else {
          line.cut();
        }
        long before = System.nanoTime();
        LeaseReply reply = b.client.request(blob("x"), 64, all(64), 64).get();
        while (reply.granted().isEmpty()) {
          await().pollDelay(reply.retryAfter()).until(() -> true);
          reply = b.client.request(blob("x"), 64, all(64), 64).get();
        }
        quickest = Math.min(quickest, System.nanoTime() - before);
        b.client.release(blob("x"), reply.granted());
      }
    }
    // The quickest of three: others may have the machine for a while.
    assertThat(Duration.ofNanos(quickest)).isLessThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void join_moreBlobsThanATrackerTakes_theLastAreAnnouncedAndTheSessionStays() throws Exception {
    TestMember a = member(PeerRole.AGENT, tracker);
    int more = 20;
    List<Registration> joined = new ArrayList<>();
    for (int i = 0; i < MemberMessage.Announce.MOST + more; i++) {
      Registration registration = a.join(blob("blob " + i));
      registration.progress(4, 4);
      joined.add(registration);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> memberships() == MemberMessage.Announce.MOST);
    TestMember b = member(PeerRole.AGENT, tracker);
    b.join(blob("blob " + (MemberMessage.Announce.MOST + more - 1)));
    await().atMost(SOON).untilAsserted(() -> assertThat(b.found).containsExactly(a.id));
    TestMember c = member(PeerRole.AGENT, tracker);
    c.join(blob("blob 0"));
    // Answered after it was told whom it could be told of.
    Map<Digest, Integer> counts = new ConcurrentHashMap<>();
    await()
        .atMost(SOON)
        .until(
            () -> {
              c.client.countHolders(List.of(blob("blob 0")), counts::put);
              return counts.getOrDefault(blob("blob 0"), -1);
            },
            holders -> holders == 0);
    assertThat(c.found).isEmpty();
    joined.subList(more, 2 * more).forEach(Registration::close);
    await().atMost(SOON).untilAsserted(() -> assertThat(c.found).containsExactly(a.id));
  }

  @Test
  void noTracker_lone_worksByItself() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    TestMember a = member(PeerRole.AGENT, null, List.of("127.0.0.1:" + nobody));
    a.join(blob("x"));
    long before = System.nanoTime();
    BitSet granted = a.client.request(blob("x"), 10, all(10), 4).get().granted();
    assertThat(granted).isEqualTo(BitSet.valueOf(new long[] {0b1111}));
    assertThat(a.client.find(blob("x"), Duration.ofMinutes(1)).get()).isEmpty();
    assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(5));
  }

  @Test
  void start_portInUse_saysSo() {
    HostAndPort taken = tracker.listen();
    assertThatThrownBy(() -> Tracker.start(TrackerConfig.onFreePorts().withListen(taken)))
        .isInstanceOf(ListenFailedException.class)
        .hasMessageContaining(taken.toString())
        .hasMessageContaining("another process is using it");
  }

  @Test
  void close_member_isForgottenAtOnce() {
    TestMember a = member(PeerRole.AGENT, tracker);
    a.join(blob("x"));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(tracker.debug().toString()).contains("memberCount=1"));
    a.client.close();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(tracker.debug().toString()).contains("members=0"));
  }

  private long memberships() {
    Map<?, ?> debug = (Map<?, ?>) tracker.debug();
    return ((Number) requireNonNull(debug.get("memberships"))).longValue();
  }

  private Tracker start(int port) throws Exception {
    Tracker started =
        Tracker.start(
            TrackerConfig.onFreePorts()
                .withListen(new HostAndPort("127.0.0.1", port))
                .withLeases(Duration.ofSeconds(10), Duration.ofMillis(500)));
    open.add(started);
    return started;
  }

  private static List<String> names(Tracker... trackers) {
    return java.util.Arrays.stream(trackers).map(each -> each.listen().toString()).toList();
  }

  private TestMember member(PeerRole role, Tracker... trackers) {
    return member(role, null, names(trackers));
  }

  private TestMember member(PeerRole role, @Nullable WantedSink wanted, List<String> trackers) {
    TestMember member = new TestMember(role, wanted, trackers);
    open.add(member.client);
    return member;
  }

  private static Digest blob(String content) {
    return Digest.sha256(content.getBytes(StandardCharsets.UTF_8));
  }

  private static BitSet all(int pieces) {
    BitSet all = new BitSet();
    all.set(0, pieces);
    return all;
  }

  private SignedPieceMap signed(String content) {
    return signed(content, key);
  }

  private static SignedPieceMap signed(String content, ClusterKey by) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(bytes.length));
    builder.update(ByteBuffer.wrap(bytes));
    return by.sign(builder.finish(blob(content)));
  }

  private final class TestMember {
    final PeerId id = PeerId.random(ThreadLocalRandom.current());
    final Set<PeerId> found = ConcurrentHashMap.newKeySet();
    final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final TrackerClient client;

    TestMember(PeerRole role, @Nullable WantedSink wanted, List<String> trackers) {
      client =
          TrackerClient.connect(
              trackers,
              new PeerAddress(id, "127.0.0.1", 1024, role),
              "r/z/k",
              key.trusted(),
              wanted,
              metrics);
    }

    Registration join(Digest blob) {
      return client.join(blob, 1 << 20, SOURCE, peer -> found.add(peer.id()));
    }

    /** Asks until something is granted: a tracker that was just started grants nothing yet. */
    BitSet lease(Digest blob, int pieces, int max) {
      return await()
          .atMost(SOON)
          .pollDelay(Duration.ZERO)
          .until(
              () ->
                  client
                      .request(blob, pieces, all(pieces), max)
                      .thenApply(LeaseReply::granted)
                      .get(),
              granted -> !granted.isEmpty());
    }
  }
}
