package dev.longshore.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.TrackerMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The tracker's decisions as a simulator sees them. */
final class TrackerCoreTest {
  private static final Digest BLOB = Digest.sha256("blob".getBytes(StandardCharsets.UTF_8));
  private static final long LONG_AFTER = 60_000_000_000L;

  private record Sent(long session, TrackerMessage message) {}

  private final List<Sent> sent = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();
  private final TrackerCore core =
      new TrackerCore(
          new Random(1),
          0,
          new TrackerCore.Outbox() {
            @Override
            public void send(long session, TrackerMessage message) {
              sent.add(new Sent(session, message));
            }

            @Override
            public void close(long session, String reason) {
              closed.add(session + ": " + reason);
            }
          });

  private PeerAddress come(long session) {
    PeerAddress self = new PeerAddress(new PeerId(0, session), "h" + session, 1, PeerRole.AGENT);
    core.opened(session, "h" + session, LONG_AFTER);
    core.received(session, new MemberMessage.Hello(self, "r/z/k"), LONG_AFTER);
    core.received(
        session,
        new MemberMessage.Announce(BLOB, 4, 0, 4, new SourceRef("registry.example", "app")),
        LONG_AFTER);
    return self;
  }

  @Test
  void received_secondMember_bothAreTold() {
    PeerAddress first = come(1);
    PeerAddress second = come(2);
    assertThat(sent)
        .contains(
            new Sent(2, new TrackerMessage.Peers(BLOB, List.of(first))),
            new Sent(1, new TrackerMessage.Peers(BLOB, List.of(second))));
  }

  @Test
  void received_leaseRequest_isAnswered() {
    come(1);
    BitSet wanted = new BitSet();
    wanted.set(0, 4);
    core.received(1, new MemberMessage.RequestLease(9, BLOB, wanted, 2), LONG_AFTER);
    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().message())
        .isInstanceOfSatisfying(
            TrackerMessage.LeaseAnswer.class,
            answer -> assertThat(answer.granted().cardinality()).isEqualTo(2));
  }

  @Test
  void tick_memberThatNeverSaidHello_isClosed() {
    core.opened(1, "h1", 0);
    core.tick(LONG_AFTER);
    assertThat(closed).hasSize(1);
    assertThat(closed.getFirst()).startsWith("1: no Hello");
  }
}
