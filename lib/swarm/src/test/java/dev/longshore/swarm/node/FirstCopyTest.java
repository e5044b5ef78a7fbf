package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.GoodbyeReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A seeder that had the whole blob before others came for it, and those who come. */
class FirstCopyTest extends HostileCase {
  private final TestBlob blob = TestBlob.random(6 * MIB, 70);

  @Test
  void request_ofWhatIsOnItsWayToAnother_isRejectedAndOfferedWhenEachWasSentOnce()
      throws Exception {
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer one = peerOf(seeder);
        ScriptedPeer other = peerOf(seeder)) {
      getsTheFirstPieceBefore(one, other);
      for (int piece = 1; piece < blob.pieces(); piece++) {
        request(other, piece);
      }
      await().until(() -> other.frames.contains(have(0)));
      request(other, 0);
      await().until(() -> other.pieces.size() == blob.pieces());
      request(one, 1);
      await().until(() -> one.pieces.contains(1));
      assertThat(one.frames).doesNotContain(reject(1));
    }
  }

  /** One peer is sent piece 0, and another is refused it for that. */
  private void getsTheFirstPieceBefore(ScriptedPeer one, ScriptedPeer other) throws IOException {
    request(one, 0);
    await().until(() -> one.pieces.contains(0));
    request(other, 0);
    await().until(() -> other.frames.contains(reject(0)));
  }

  @Test
  void request_ofWhatWasSentToOneThatLeft_isOfferedAtOnce() throws Exception {
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer one = peerOf(seeder);
        ScriptedPeer other = peerOf(seeder)) {
      getsTheFirstPieceBefore(one, other);
      one.send(new Frame.Goodbye(GoodbyeReason.CLOSING, "it stops"));
      await().until(() -> other.frames.contains(have(0)));
      request(other, 0);
      await().until(() -> other.pieces.contains(0));
    }
  }

  @Test
  void request_ofWhatWasSentToOneThatKeepsIt_isOfferedSoon() throws Exception {
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer one = peerOf(seeder);
        ScriptedPeer other = peerOf(seeder)) {
      request(one, 0);
      request(other, 0);
      await().until(() -> one.frames.contains(reject(0)) || other.frames.contains(reject(0)));
      ScriptedPeer refused = other.frames.contains(reject(0)) ? other : one;
      // Who says nothing for two seconds is taken for gone.
      Frame alive = new Frame.KeepAlive();
      await()
          .atMost(Duration.ofSeconds(8))
          .until(() -> refused.send(alive).frames.contains(have(0)));
      request(refused, 0);
      await().until(() -> refused.pieces.contains(0));
    }
  }

  @Test
  void download_manyFromOneThatHasItAll_itSendsLittleMoreThanOneCopy() throws Exception {
    TestSwarm.Member seeder =
        swarm.start(PeerRole.SEEDER, TestSwarm.rates("4MiB/s", "unlimited"), blob);
    List<SwarmDownload> downloads = new ArrayList<>();
    for (int each = 0; each < 5; each++) {
      downloads.add(swarm.agent().pull(blob, null));
    }
    for (SwarmDownload download : downloads) {
      download.completion().get(40, TimeUnit.SECONDS);
      assertThat(blob.isIn(download.blob())).isTrue();
    }
    double sent = seeder.count(SwarmMetrics.SENT, "kind", "agent");
    downloads.forEach(SwarmDownload::close);
    // 1.0 to 1.2 on a busy machine; what follows the first copy goes to whoever asks.
    assertThat(sent).isBetween((double) blob.content.length, 1.6 * blob.content.length);
  }

  @Test
  void reject_thenHave_isAskedForAgain() throws Exception {
    try (ScriptedPeer peer =
        new ScriptedPeer(
                port(),
                (self, frame) -> {
                  if (frame instanceof Frame.Request request) {
                    answerTheSecondTime(self, request);
                  }
                })
            .listening()
            .hello()) {
      PeerAddress address = new PeerAddress(peer.id, "127.0.0.9", 9, PeerRole.SEEDER);
      swarm.tracker.add(blob.digest(), TestSwarm.SOURCE, address);
      try (SwarmDownload download = agent.pull(blob, null)) {
        await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
        peer.has(blob, blob.pieces());
        download.completion().get(40, TimeUnit.SECONDS);
        assertThat(blob.isIn(download.blob())).isTrue();
      }
    }
  }

  private void answerTheSecondTime(ScriptedPeer peer, Frame.Request request) {
    try {
      if (peer.frames.stream().filter(request::equals).count() == 1) {
        peer.send(reject(request.piece())).send(have(request.piece()));
      } else {
        byte[] content = blob.piece(request.piece());
        peer.sendPiece(request.blob(), request.piece(), content, content.length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ScriptedPeer peerOf(TestSwarm.Member seeder) throws IOException {
    ScriptedPeer peer =
        new ScriptedPeer(seeder.node().self().port()).listening().hello().has(blob, 0);
    await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
    return peer;
  }

  private void request(ScriptedPeer peer, int piece) throws IOException {
    var _ = peer.send(new Frame.Request(blob.digest(), piece));
  }

  private Frame reject(int piece) {
    return new Frame.Reject(blob.digest(), piece);
  }

  private Frame have(int piece) {
    return new Frame.Have(blob.digest(), piece);
  }
}
