package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.GoodbyeReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class HostilePeerTest extends HostileCase {

  @Test
  void garbage_insteadOfHello_isClosedAndOthersAreServed() throws Exception {
    Random random = new Random(40);
    for (int i = 0; i < 30; i++) {
      byte[] noise = new byte[1 + random.nextInt(5000)];
      random.nextBytes(noise);
      try (ScriptedPeer peer = new ScriptedPeer(port())) {
        peer.sendRaw(noise).listening();
        await("seed 40, round " + i).until(() -> peer.closed);
      }
    }
    assertStillWorks();
  }

  @Test
  void hello_tooLate_isClosed() throws Exception {
    try (ScriptedPeer peer = new ScriptedPeer(port()).listening()) {
      peer.sendRaw((byte) 0, (byte) 0);
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.SILENT);
    }
    assertThat(agent.count(SwarmMetrics.GOODBYES, "reason", "silent")).isEqualTo(1);
  }

  @Test
  void frame_ofAGigabyte_isClosedAndBanned() throws Exception {
    try (ScriptedPeer peer = new ScriptedPeer(port()).listening().hello()) {
      peer.sendRaw(ByteBuffer.allocate(5).putInt(1 << 30).put((byte) 2).array());
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.OVERSIZED);
    }
    assertThat(agent.count(SwarmMetrics.BANS, "reason", "protocol")).isEqualTo(1);
    assertStillWorks();
  }

  @Test
  void piece_nobodyAskedFor_isClosedAndBanned() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 41);
    try (ScriptedPeer peer = new ScriptedPeer(port()).listening().hello()) {
      peer.sendPiece(blob.digest(), 0, new byte[MIB], 1000);
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.UNREQUESTED);
      try (ScriptedPeer again = new ScriptedPeer(port()).listening()) {
        again.send(new Frame.Hello(0, peer.id, PeerRole.AGENT, 10, "", ""));
        await().until(() -> again.closed);
        assertThat(again.goodbye()).isEqualTo(GoodbyeReason.BANNED);
      }
    }
  }

  @Test
  void bitfield_ofAnotherSize_isClosed() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 42);
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer peer = new ScriptedPeer(seeder.node().self().port()).listening().hello()) {
      peer.send(new Frame.Bitfield(blob.digest(), blob.pieces() + 1, new java.util.BitSet()));
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.MALFORMED);
    }
  }

  @Test
  void peer_thatNeverAnswers_isWorkedAround() throws Exception {
    downloadBeside((peer, frame) -> {});
  }

  @Test
  void peer_thatRejectsWhatItClaimsToHave_isWorkedAround() throws Exception {
    downloadBeside((peer, frame) -> {
      if (frame instanceof Frame.Request request) {
        reply(() -> peer.send(new Frame.Reject(request.blob(), request.piece())));
      }
    });
  }

  @Test
  void peer_thatIsAlwaysBusy_isWorkedAround() throws Exception {
    downloadBeside((peer, frame) -> {
      if (frame instanceof Frame.Request request) {
        reply(() -> peer.send(new Frame.Busy(request.blob(), request.piece(), 100)));
      }
    });
  }

  @Test
  void peer_thatCutsInThePiece_isWorkedAround() throws Exception {
    downloadBeside((peer, frame) -> {
      if (frame instanceof Frame.Request request) {
        reply(() -> peer.sendPiece(request.blob(), request.piece(), new byte[1 << 18], 1000));
        reply(peer::close);
      }
    });
  }

  @Test
  void peer_thatStopsInThePiece_isClosedAndWorkedAround() throws Exception {
    downloadBeside((peer, frame) -> {
      if (frame instanceof Frame.Request request
          && peer.frames.stream().filter(Frame.Request.class::isInstance).count() == 1) {
        reply(() -> peer.sendPiece(request.blob(), request.piece(), new byte[1 << 18], 1000));
      }
    });
    assertThat(agent.count(SwarmMetrics.GOODBYES, "reason", "silent")).isEqualTo(1);
  }

  @Test
  void peer_thatSendsWrongBytes_isBanned() throws Exception {
    downloadBeside((peer, frame) -> {
      if (frame instanceof Frame.Request request) {
        reply(() -> peer.sendPiece(request.blob(), request.piece(), new byte[1 << 18], 1 << 18));
      }
    });
    assertThat(agent.count(SwarmMetrics.BANS, "reason", "corrupt")).isEqualTo(1);
  }

  @Test
  void requests_beyondTheRoom_areAnsweredBusyAndCalledBackWhenThereIsRoom() throws Exception {
    TestBlob blob = TestBlob.random(64 * MIB, 43);
    TestSwarm.Member seeder =
        swarm.start(PeerRole.SEEDER, TestSwarm.rates("8MiB/s", "unlimited"), blob);
    try (ScriptedPeer peer =
        new ScriptedPeer(seeder.node().self().port()).listening().hello().has(blob, 0)) {
      await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
      List<Frame> asked = new ArrayList<>();
      for (int piece = 0; piece < 100; piece++) {
        asked.add(new Frame.Request(blob.digest(), piece));
      }
      // In one go: later, piece 6 might be on its way already.
      asked.add(new Frame.Cancel(blob.digest(), 6));
      peer.sendTogether(asked);
      await().until(() -> peer.frames.contains(new Frame.Reject(blob.digest(), 6)));
      await().until(() -> peer.pieces.size() >= 6);
      assertThat(peer.frames.stream().filter(Frame.Busy.class::isInstance).count())
          .isBetween(80L, 99L);
      assertThat(List.copyOf(peer.pieces).subList(0, 6)).containsExactly(0, 1, 2, 3, 4, 5);
      // A piece that is sent calls a peer once, however many of its requests were refused.
      assertThat(peer.frames.stream().filter(new Frame.Ready(blob.digest())::equals))
          .hasSizeBetween(1, peer.pieces.size() + 1);
    }
  }

  @Test
  void request_ofWhatIsNotHere_isRejected() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 44);
    TestBlob unknown = TestBlob.random(MIB, 45);
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer peer =
        new ScriptedPeer(seeder.node().self().port()).listening().hello().has(blob, 0)) {
      peer.send(new Frame.Request(blob.digest(), 1000))
          .send(new Frame.Request(unknown.digest(), 0))
          .has(unknown, 1);
      await()
          .untilAsserted(() ->
              assertThat(peer.frames)
                  .contains(
                      new Frame.Reject(blob.digest(), 1000),
                      new Frame.Reject(unknown.digest(), 0),
                      new Frame.Reject(unknown.digest(), Frame.ALL_PIECES)));
    }
  }

  @Test
  void reader_thatNeverReads_isClosedAndOthersAreServed() throws Exception {
    TestBlob blob = TestBlob.random(32 * MIB, 46);
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer deaf =
        new ScriptedPeer(seeder.node().self().port()).deafAfterBitfield().hello().has(blob, 0)) {
      await().until(() -> deaf.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
      for (int piece = 0; piece < 60; piece++) {
        deaf.send(new Frame.Request(blob.digest(), piece));
      }
      try (SwarmDownload download = agent.pull(blob, null)) {
        download.completion().get(40, TimeUnit.SECONDS);
      }
      await().until(() -> seeder.count(SwarmMetrics.GOODBYES, "reason", "silent") == 1);
    }
  }

  @Test
  void address_ofItselfUnderAnotherName_isNotTalkedTo() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 47);
    PeerId nobody = PeerId.random(new SecureRandom());
    swarm.tracker.add(
        blob.digest(),
        TestSwarm.SOURCE,
        new PeerAddress(nobody, "127.0.0.1", port(), PeerRole.SEEDER));
    try (SwarmDownload download = agent.pull(blob, blob)) {
      download.completion().get(40, TimeUnit.SECONDS);
      await().until(() -> agent.count(SwarmMetrics.GOODBYES, "reason", "wrong_peer") >= 1);
    }
    assertThat(agent.metrics().get(SwarmMetrics.CONNECTIONS).gauge().value()).isZero();
  }

  /** A download with a scripted peer that says it has everything, and a source that works. */
  private void downloadBeside(BiConsumer<ScriptedPeer, Frame> script) throws Exception {
    TestBlob blob = TestBlob.random(2 * MIB, 48);
    CountDownLatch asked = new CountDownLatch(1);
    BiConsumer<ScriptedPeer, Frame> watched =
        (peer, frame) -> {
          script.accept(peer, frame);
          if (frame instanceof Frame.Request) {
            asked.countDown();
          }
        };
    // It fails until the peer was asked, so that the peer always is.
    SourceReader source =
        (offset, length) -> {
          if (asked.getCount() > 0) {
            throw new IOException("not yet");
          }
          return blob.read(offset, length);
        };
    try (SwarmDownload download = agent.pull(blob, source);
        ScriptedPeer peer =
            new ScriptedPeer(port(), watched).listening().hello().has(blob, blob.pieces())) {
      download.completion().get(40, TimeUnit.SECONDS);
      assertThat(blob.isIn(download.blob())).isTrue();
      assertThat(asked.getCount()).isZero();
      assertThat(peer.frames).isNotEmpty();
    }
  }

  private interface Reply {
    void run() throws IOException;
  }

  private static void reply(Reply reply) {
    try {
      reply.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
