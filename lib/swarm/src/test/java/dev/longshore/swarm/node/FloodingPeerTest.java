package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Peers that come in masses, or say too much: each flood has an end, a reason and a count. */
class FloodingPeerTest extends HostileCase {
  private static final int TEN_MILLION = 10_000_000;
  private static final int CONNECTIONS = 10_000;

  /** Both ends of a connection are in this process, which may open 20,000 files in some places. */
  private static final int OPEN_AT_ONCE = 3_000;

  @Test
  void tenThousandConnections_toOneAgent_areBoundedAndLeaveRoomForThoseItDials() throws Exception {
    int most = SwarmLimits.defaults().maxConnections();
    Deque<Socket> sockets = new ArrayDeque<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        sockets.add(socket);
        if (i % 10 == 0) {
          socket.getOutputStream().write(hello(i));
        }
        if (sockets.size() > OPEN_AT_ONCE) {
          sockets.remove().close();
        }
      }
      assertThat(agent.metrics().get(SwarmMetrics.CONNECTIONS).gauge().value())
          .isLessThanOrEqualTo(most - most / 8);
      assertStillWorks();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertThat(agent.count(SwarmMetrics.GOODBYES, "reason", "full")).isGreaterThan(500);
  }

  private static byte[] hello(int number) {
    return bytes(new Frame.Hello(0, new PeerId(60, number), PeerRole.AGENT, 9, "127.0.0.9", ""));
  }

  @Test
  void tenMillionBlobs_announcedByOnePeer_shutItOut() throws Exception {
    BitSet all = new BitSet();
    all.set(0, 8);
    assertIsShutOut(i -> new Frame.Bitfield(numbered(i), 8, all));
    assertStillWorks();
  }

  @Test
  void ready_ofUnknownBlobs_shutsOut() throws Exception {
    assertIsShutOut(i -> new Frame.Ready(numbered(i)));
  }

  @Test
  void ready_unasked_isNotPassedOnAndShutsOut() throws Exception {
    floodsOfABlob((blob, _) -> new Frame.Ready(blob.digest()));
  }

  @Test
  void have_ofTheSamePiece_shutsOut() throws Exception {
    floodsOfABlob((blob, _) -> new Frame.Have(blob.digest(), 1));
  }

  @Test
  void reject_ofWhatWasNotAsked_shutsOut() throws Exception {
    floodsOfABlob((blob, i) -> new Frame.Reject(blob.digest(), 2 + i % 2));
  }

  @Test
  void peers_againAndAgain_areLookedAtOnceAndShutOut() throws Exception {
    floodsOfABlob((blob, i) ->
        new Frame.Peers(
            blob.digest(),
            List.of(new PeerAddress(new PeerId(61, i), "127.0.0.1", 1, PeerRole.SEEDER))));
  }

  @Test
  void join_andLeaveForEver_shutsOut() throws Exception {
    floodsOfABlob((blob, i) ->
        i % 2 == 0
            ? new Frame.Reject(blob.digest(), Frame.ALL_PIECES)
            : new Frame.Bitfield(blob.digest(), blob.pieces(), new BitSet()));
  }

  @Test
  void ready_afterEachBusy_isHeard() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 62);
    AtomicInteger requests = new AtomicInteger();
    try (SwarmDownload download = agent.pull(blob, null);
        ScriptedPeer peer =
            new ScriptedPeer(
                    port(),
                    (self, frame) -> {
                      if (frame instanceof Frame.Request request) {
                        refuseThenCall(self, request, requests.incrementAndGet());
                      }
                    })
                .listening()
                .hello()
                .has(blob, 1)) {
      // Were READY not heard, each BUSY would cost the minute that it names.
      await().until(() -> requests.get() >= 5);
      assertThat(peer.closed).isFalse();
      assertThat(download.completion()).isNotDone();
    }
  }

  private static void refuseThenCall(ScriptedPeer peer, Frame.Request request, int count) {
    try {
      peer.send(new Frame.Busy(request.blob(), request.piece(), 60_000));
      if (count < 10) {
        peer.send(new Frame.Ready(request.blob()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Flood {
    Frame frame(TestBlob blob, int number);
  }

  /** A peer takes part in a download, and then says one thing for ever. */
  private void floodsOfABlob(Flood flood) throws Exception {
    TestBlob blob = TestBlob.random(MIB, 63);
    List<byte[]> said = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      said.add(bytes(flood.frame(blob, i)));
    }
    try (SwarmDownload download = agent.pull(blob, null);
        ScriptedPeer peer = new ScriptedPeer(port()).listening().hello().has(blob, 1)) {
      await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
      flood(peer, i -> said.get(i % said.size()));
      await().until(() -> peer.closed);
      swarm.seeder(blob);
      download.completion().get(40, TimeUnit.SECONDS);
      assertThat(blob.isIn(download.blob())).isTrue();
    }
    assertExcess();
  }

  private void assertIsShutOut(IntFunction<Frame> frames) throws Exception {
    try (ScriptedPeer peer = new ScriptedPeer(port()).listening().hello()) {
      flood(peer, i -> bytes(frames.apply(i)));
      await().until(() -> peer.closed);
    }
    assertExcess();
  }

  private void assertExcess() {
    assertThat(agent.count(SwarmMetrics.GOODBYES, "reason", "excess")).isEqualTo(1);
    assertThat(agent.count(SwarmMetrics.BANS, "reason", "protocol")).isEqualTo(1);
  }

  /** Sends ten million, unless the node ends it. */
  private static void flood(ScriptedPeer peer, IntFunction<byte[]> frames) {
    try {
      for (int i = 0; i < TEN_MILLION && !peer.closed; i++) {
        peer.sendRaw(frames.apply(i));
      }
    } catch (IOException _) {
      // the node has closed the connection: the caller waits for the peer to notice
    }
  }

  private static Digest numbered(int number) {
    return Digest.of(Digest.Algorithm.SHA256, ByteBuffer.allocate(32).putInt(28, number).array());
  }

  private static byte[] bytes(Frame frame) {
    ByteBuf encoded = FrameEncoder.encode(UnpooledByteBufAllocator.DEFAULT, frame);
    byte[] bytes = new byte[encoded.readableBytes()];
    encoded.readBytes(bytes);
    encoded.release();
    return bytes;
  }
}
