package dev.longshore.swarm.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.LeaseBroker.LeaseReply;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real client at a tracker that answers what it likes. */
@Timeout(60)
final class HostileTrackerTest {
  private static final ClusterKey KEY = ClusterKey.generate();
  private static final Digest BLOB = Digest.sha256(bytes(1));
  private static final Duration LONG = Duration.ofSeconds(20);

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private volatile Function<MemberMessage, List<TrackerMessage>> answers = _ -> List.of();
  private TrackerEndpoint endpoint;
  private TrackerClient client;

  @BeforeEach
  void start() throws Exception {
    endpoint =
        TrackerEndpoint.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), AnsweringSession::new);
    client =
        TrackerClient.connect(
            List.of("127.0.0.1:" + endpoint.port()),
            new PeerAddress(new PeerId(70, 1), "127.0.0.1", 1024, PeerRole.AGENT),
            "",
            KEY.trusted(),
            null,
            metrics);
  }

  @AfterEach
  void stop() {
    client.close();
    endpoint.close();
  }

  private static byte[] bytes(int seed) {
    byte[] bytes = new byte[1_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] map(int seed, ClusterKey key) {
    byte[] bytes = bytes(seed);
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(bytes.length));
    builder.update(ByteBuffer.wrap(bytes));
    return key.sign(builder.finish(Digest.sha256(bytes))).encode();
  }

  static Stream<byte[]> wrongMaps() {
    byte[] bent = map(1, KEY);
    bent[bent.length - 1] ^= 1;
    return Stream.of(map(1, ClusterKey.generate()), map(2, KEY), bent, bytes(3));
  }

  @ParameterizedTest
  @MethodSource("wrongMaps")
  void find_wrongMap_isRefusedCountedAndNotWaitedFor(byte[] wrong) throws Exception {
    answers =
        message ->
            message instanceof MemberMessage.FindMap find
                ? List.of(new TrackerMessage.MapFound(find.request(), wrong))
                : List.of();
    assertThat(client.find(BLOB, LONG).get(10, TimeUnit.SECONDS)).isEmpty();
    assertThat(metrics.get(TrackerClientMetrics.MAPS_REFUSED).counter().count()).isEqualTo(1);
  }

  @Test
  void find_rightMapAfterAnswersNobodyWaitsFor_isFound() throws Exception {
    byte[] right = map(1, KEY);
    answers =
        message ->
            message instanceof MemberMessage.FindMap find
                ? List.of(
                    new TrackerMessage.MapFound(find.request() + 99, map(2, KEY)),
                    new TrackerMessage.MapFound(find.request(), right))
                : List.of();
    assertThat(client.find(BLOB, LONG).get(10, TimeUnit.SECONDS).map(SignedPieceMap::encode))
        .contains(right);
  }

  @Test
  void request_grantOfWhatWasNotAsked_isIgnored() throws Exception {
    BitSet everything = new BitSet();
    everything.set(0, 1_000_000);
    answers =
        message ->
            message instanceof MemberMessage.RequestLease ask
                ? List.of(
                    new TrackerMessage.LeaseAnswer(
                        ask.request(), everything, Integer.MAX_VALUE, Integer.MAX_VALUE))
                : List.of();
    BitSet wanted = new BitSet();
    wanted.set(3, 5);
    LeaseReply reply = client.request(BLOB, 10, wanted, 2).get(10, TimeUnit.SECONDS);
    assertThat(reply.granted()).isEqualTo(wanted);
  }

  @Test
  void peers_inMasses_arePassedOnAndTheClientGoesOn() throws Exception {
    Set<PeerId> found = ConcurrentHashMap.newKeySet();
    answers =
        message ->
            switch (message) {
              case MemberMessage.Announce _ -> crowds();
              case MemberMessage.FindMap find ->
                  List.of(new TrackerMessage.MapFound(find.request(), map(1, KEY)));
              default -> List.of();
            };
    try (var _ =
        client.join(BLOB, 1_000, new SourceRef("r.example", "app"), peer -> found.add(peer.id()))) {
      await().until(() -> found.size() >= 200); // the endpoint drops what is too much at once
      assertThat(client.find(BLOB, LONG).get(10, TimeUnit.SECONDS)).isPresent();
    }
  }

  private static List<TrackerMessage> crowds() {
    List<TrackerMessage> crowds = new ArrayList<>();
    for (int crowd = 0; crowd < 100; crowd++) {
      List<PeerAddress> peers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        peers.add(new PeerAddress(new PeerId(crowd, i), "127.0.0.1", 9, PeerRole.SEEDER));
      }
      crowds.add(new TrackerMessage.Peers(BLOB, peers));
    }
    return crowds;
  }

  /** The tracker's side of a session. */
  private final class AnsweringSession implements TrackerService.Session {
    private final TrackerService.MemberLink link;

    AnsweringSession(TrackerService.MemberLink link) {
      this.link = link;
    }

    @Override
    public void received(MemberMessage message) {
      answers.apply(message).forEach(link::send);
    }

    @Override
    public void missedPeers(Digest blob) {}

    @Override
    public void ended(String reason) {}
  }
}
