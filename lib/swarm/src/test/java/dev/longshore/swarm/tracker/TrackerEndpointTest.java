package dev.longshore.swarm.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.tracker.proto.Announce;
import dev.longshore.swarm.tracker.proto.Blob;
import dev.longshore.swarm.tracker.proto.CountHolders;
import dev.longshore.swarm.tracker.proto.Distrust;
import dev.longshore.swarm.tracker.proto.FromMember;
import dev.longshore.swarm.tracker.proto.FromTracker;
import dev.longshore.swarm.tracker.proto.Hello;
import dev.longshore.swarm.tracker.proto.Peer;
import dev.longshore.swarm.tracker.proto.PublishMap;
import dev.longshore.swarm.tracker.proto.RequestLease;
import dev.longshore.swarm.tracker.proto.TrackerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a member that does not speak as ours do can do to an endpoint. */
@Timeout(60)
class TrackerEndpointTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int WINDOW = 1 << 20;
  private static final int WINDOW_ANSWERS = 2 * WINDOW / (1 << 13);
  private static final Digest BLOB = Digest.sha256("x".getBytes(StandardCharsets.UTF_8));

  private final RecordingService service = new RecordingService();
  private TrackerEndpoint endpoint;
  private ManagedChannel channel;
  private final List<RawMember> members = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    endpoint =
        TrackerEndpoint.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), service);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", endpoint.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() throws Exception {
    // A stream that is left unread keeps the client's buffers.
    members.forEach(member -> member.read(Integer.MAX_VALUE));
    channel.shutdownNow();
    members.forEach(member -> await().atMost(SOON).until(() -> member.end != null));
    assertThat(channel.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
    endpoint.close();
  }

  static Stream<FromMember> malformed() {
    Peer.Builder peer = Peer.newBuilder().setId(ByteString.copyFrom(new byte[16])).setHost("h");
    Blob blob = Messages.encode(BLOB);
    return Stream.of(
        FromMember.getDefaultInstance(),
        hello(peer.clone().setPort(0)),
        hello(peer.clone().setPort(65536)),
        hello(peer.clone().setPort(1).setId(ByteString.copyFrom(new byte[15]))),
        hello(peer.clone().setPort(1).setHost("h".repeat(256))),
        hello(peer.clone().setPort(1).setZone("z".repeat(256))),
        announce(Announce.newBuilder()),
        announce(Announce.newBuilder().setBlob(blob.toBuilder().setAlgorithm(9))),
        announce(
            Announce.newBuilder()
                .setBlob(
                    blob.toBuilder().setHash(ByteString.copyFrom("x", StandardCharsets.UTF_8)))),
        announce(Announce.newBuilder().setBlob(blob).setSize(-1)),
        announce(Announce.newBuilder().setBlob(blob).setSize(Long.MAX_VALUE)),
        announce(Announce.newBuilder().setBlob(blob).setHeld(5).setPieces(4)),
        announce(Announce.newBuilder().setBlob(blob).setPieces(Integer.MAX_VALUE)),
        FromMember.newBuilder()
            .setPublishMap(PublishMap.newBuilder().setSignedMap(ByteString.copyFrom(new byte[99])))
            .build(),
        FromMember.newBuilder()
            .setCountHolders(
                CountHolders.newBuilder()
                    .addAllBlobs(Collections.nCopies(MemberMessage.CountHolders.MOST + 1, blob)))
            .build(),
        distrust(0),
        distrust(PeerId.BYTES - 1),
        distrust(PeerId.BYTES + 1),
        FromMember.newBuilder()
            .setRequestLease(
                RequestLease.newBuilder()
                    .setBlob(blob)
                    .setWanted(ByteString.copyFrom(new byte[(1 << 17) + 1])))
            .build());
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void session_malformedMessage_closedWithReason(FromMember message) {
    RawMember member = new RawMember(Integer.MAX_VALUE);
    member.send(message);
    await().atMost(SOON).until(() -> member.end != null);
    assertThat(Objects.requireNonNull(member.end).getDescription()).startsWith("malformed");
    await().atMost(SOON).until(() -> service.ended == 1);
    assertThat(service.received).isEmpty();
  }

  @Test
  void session_messageTooLarge_closed() {
    RawMember member = new RawMember(Integer.MAX_VALUE);
    byte[] large = new byte[Messages.MAX_BYTES + 1];
    member.send(
        FromMember.newBuilder()
            .setPublishMap(PublishMap.newBuilder().setSignedMap(ByteString.copyFrom(large)))
            .build());
    await().atMost(SOON).until(() -> member.end != null);
    await().atMost(SOON).until(() -> service.ended == 1);
  }

  @Test
  void session_memberVanishes_ended() {
    RawMember member = new RawMember(Integer.MAX_VALUE);
    member.send(Messages.encode(new MemberMessage.Withdraw(BLOB)));
    await().atMost(SOON).until(() -> service.received.size() == 1);
    channel.shutdownNow();
    await().atMost(SOON).until(() -> service.ended == 1);
  }

  @Test
  void send_memberDoesNotRead_peersAreDroppedAndRefreshedOnceItDoes() {
    RawMember member = new RawMember(0);
    member.send(Messages.encode(new MemberMessage.Withdraw(BLOB)));
    await().atMost(SOON).until(() -> service.received.size() == 1);
    fillWindow();
    TrackerMessage.Peers peers = new TrackerMessage.Peers(BLOB, somePeers());
    for (int i = 0; i < 10_000; i++) {
      service.link().send(peers);
    }
    assertThat(service.missed).isEmpty();
    member.read(Integer.MAX_VALUE);
    await().atMost(SOON).until(() -> service.missed.contains(BLOB));
    await().atMost(SOON).until(() -> member.answers.size() >= WINDOW_ANSWERS);
    assertThat(member.answers).noneMatch(FromTracker::hasPeers);
  }

  @Test
  void send_memberDoesNotRead_tooManyAnswersEndTheSession() {
    RawMember member = new RawMember(0);
    member.send(Messages.encode(new MemberMessage.Withdraw(BLOB)));
    await().atMost(SOON).until(() -> service.received.size() == 1);
    BitSet pieces = new BitSet();
    pieces.set(1 << 16);
    for (int i = 0; i < 10_000; i++) {
      service.link().send(new TrackerMessage.LeaseAnswer(i, pieces, 1, 1));
    }
    await().atMost(SOON).until(() -> service.ended == 1);
    assertThat(service.endReason).contains("does not read its answers");
  }

  @Test
  void send_memberReadsLate_answersCompleteAndInOrder() {
    RawMember member = new RawMember(0);
    member.send(Messages.encode(new MemberMessage.Withdraw(BLOB)));
    await().atMost(SOON).until(() -> service.received.size() == 1);
    BitSet pieces = new BitSet();
    pieces.set(1 << 16);
    for (int i = 0; i < 1_000; i++) {
      service.link().send(new TrackerMessage.LeaseAnswer(i, pieces, 1, 1));
    }
    member.read(Integer.MAX_VALUE);
    await().atMost(SOON).until(() -> member.answers.size() == 1_000);
    for (int i = 0; i < 1_000; i++) {
      assertThat(member.answers.get(i).getLeaseAnswer().getRequest()).isEqualTo(i);
    }
  }

  @Test
  void messages_everyKind_surviveTheTrip() throws Exception {
    BitSet pieces = new BitSet();
    pieces.set(3, 70);
    SourceRef source = new SourceRef("registry.example", "library/app");
    PeerAddress self = new PeerAddress(new PeerId(1, -2), "h", 7, PeerRole.SEEDER);
    for (MemberMessage message :
        List.of(
            new MemberMessage.Hello(self, "r/z/k"),
            new MemberMessage.Announce(BLOB, 1L << 40, 3, 4, source),
            new MemberMessage.Withdraw(BLOB),
            new MemberMessage.FindMap(-1, BLOB, 1000),
            new MemberMessage.RequestLease(9, BLOB, pieces, 8),
            new MemberMessage.LeaseDone(BLOB, pieces),
            new MemberMessage.LeaseReleased(BLOB, pieces),
            new MemberMessage.Distrust(self.id()),
            new MemberMessage.LeaseHeld(BLOB, pieces))) {
      assertThat(Messages.decode(Messages.encode(message))).isEqualTo(message);
    }
    for (TrackerMessage message :
        List.of(
            new TrackerMessage.Peers(BLOB, List.of(self)),
            new TrackerMessage.LeaseAnswer(9, pieces, 10, 11),
            new TrackerMessage.Wanted(BLOB, 5, source))) {
      assertThat(Messages.decode(Messages.encode(message))).isEqualTo(message);
    }
  }

  /** Sends more than the member's window takes, of what is kept for it: it stays unready. */
  private void fillWindow() {
    BitSet pieces = new BitSet();
    pieces.set(1 << 16); // 8 KiB on the wire
    for (int i = 0; i < WINDOW_ANSWERS; i++) {
      service.link().send(new TrackerMessage.LeaseAnswer(i, pieces, 1, 1));
    }
  }

  private static FromMember hello(Peer.Builder self) {
    return FromMember.newBuilder().setHello(Hello.newBuilder().setSelf(self)).build();
  }

  private static FromMember distrust(int idLength) {
    return FromMember.newBuilder()
        .setDistrust(Distrust.newBuilder().setPeer(ByteString.copyFrom(new byte[idLength])))
        .build();
  }

  private static FromMember announce(Announce.Builder announce) {
    return FromMember.newBuilder().setAnnounce(announce).build();
  }

  private static List<PeerAddress> somePeers() {
    List<PeerAddress> peers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      peers.add(new PeerAddress(new PeerId(i, i), "host-" + i, 7301, PeerRole.AGENT));
    }
    return peers;
  }

  /** A stream with flow control by hand. */
  private final class RawMember implements ClientResponseObserver<FromMember, FromTracker> {
    final List<FromTracker> answers = new CopyOnWriteArrayList<>();
    volatile @Nullable Status end;
    private final int readAtOnce;
    private @Nullable ClientCallStreamObserver<FromMember> stream;

    RawMember(int readAtOnce) {
      this.readAtOnce = readAtOnce;
      members.add(this);
      var _ = TrackerGrpc.newStub(channel).session(this);
    }

    void send(FromMember message) {
      Objects.requireNonNull(stream).onNext(message);
    }

    void read(int messages) {
      Objects.requireNonNull(stream).request(messages);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FromMember> requests) {
      stream = requests;
      requests.disableAutoRequestWithInitial(readAtOnce);
    }

    @Override
    public void onNext(FromTracker answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable t) {
      end = Status.fromThrowable(t);
    }

    @Override
    public void onCompleted() {
      end = Status.OK;
    }
  }

  /** Remembers what the endpoint tells it. */
  private static final class RecordingService implements TrackerService, TrackerService.Session {
    final List<MemberMessage> received = new CopyOnWriteArrayList<>();
    final Set<Digest> missed = ConcurrentHashMap.newKeySet();
    volatile int ended;
    volatile String endReason = "";
    private volatile @Nullable MemberLink link;

    MemberLink link() {
      return Objects.requireNonNull(link);
    }

    @Override
    public Session opened(MemberLink opened) {
      link = opened;
      return this;
    }

    @Override
    public void received(MemberMessage message) {
      received.add(message);
    }

    @Override
    public void missedPeers(Digest blob) {
      missed.add(blob);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one session, whose end is told once
    public void ended(String reason) {
      endReason = reason;
      ended++;
    }
  }
}
