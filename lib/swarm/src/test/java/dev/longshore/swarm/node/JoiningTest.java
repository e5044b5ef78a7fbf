package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.Frame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Both sides of a connection begin to exchange a blob, or cease to, at the same time. */
class JoiningTest extends HostileCase {
  private final TestBlob blob = TestBlob.random(MIB, 60);

  @Test
  void join_whileThePeersOfferIsLookedUp_isMadeAtOnce() throws Exception {
    CompletableFuture<Void> looked = new CompletableFuture<>();
    agent.files().finds = looked;
    try (ScriptedPeer peer = honest().hello().has(blob, blob.pieces())) {
      await().until(() -> agent.files().findsBegun.get() == 1);
      try (SwarmDownload download = agent.pull(blob, null)) {
        swarm.tracker.add(blob.digest(), TestSwarm.SOURCE, address(peer));
        download.completion().get(40, TimeUnit.SECONDS);
        assertThat(blob.isIn(download.blob())).isTrue();
        looked.complete(null); // nothing was here when it began to look: too late to say so
        assertStillWorks();
        assertThat(leavings(peer)).as("%s", peer.frames).isLessThanOrEqualTo(1);
      }
    } finally {
      looked.complete(null);
    }
  }

  @Test
  void leave_answeredAfterTheBlobIsOfferedAnew_doesNotEndThat() throws Exception {
    try (ScriptedPeer peer = honest().hello().has(blob, 0)) {
      Frame all = new Frame.Reject(blob.digest(), Frame.ALL_PIECES);
      await().until(() -> peer.frames.contains(all)); // the store has nothing of it
      try (SwarmDownload download = agent.pull(blob, null)) {
        swarm.tracker.add(blob.digest(), TestSwarm.SOURCE, address(peer));
        await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
        peer.send(all).has(blob, blob.pieces());
        download.completion().get(40, TimeUnit.SECONDS);
        assertThat(blob.isIn(download.blob())).isTrue();
        // The second may be that both have it all now.
        assertThat(leavings(peer)).as("%s", peer.frames).isLessThanOrEqualTo(2);
      }
    }
  }

  private long leavings(ScriptedPeer peer) {
    List<Frame> frames = List.copyOf(peer.frames);
    return frames.stream()
        .filter(new Frame.Reject(blob.digest(), Frame.ALL_PIECES)::equals)
        .count();
  }

  private static PeerAddress address(ScriptedPeer peer) {
    return new PeerAddress(peer.id, "127.0.0.9", 9, PeerRole.AGENT);
  }

  /** Sends what it is asked for. */
  private ScriptedPeer honest() throws Exception {
    return new ScriptedPeer(
            port(),
            (peer, frame) -> {
              if (frame instanceof Frame.Request request) {
                byte[] content = blob.piece(request.piece());
                try {
                  peer.sendPiece(request.blob(), request.piece(), content, content.length);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
            })
        .listening();
  }
}
