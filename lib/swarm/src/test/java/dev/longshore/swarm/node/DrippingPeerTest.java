package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.GoodbyeReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Peers that go on for ever, a byte at a time. */
class DrippingPeerTest extends HostileCase {

  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);

  @AfterEach
  void stopTheClock() {
    clock.shutdownNow();
  }

  /** Does something ten times a second, until that fails. */
  private void everyTenth(ThrowingRunnable step) {
    var _ =
        clock.scheduleAtFixedRate(
            () -> {
              try {
                step.run();
              } catch (IOException e) {
                throw new IllegalStateException("the socket is closed, so it is over", e);
              }
            },
            0,
            100,
            TimeUnit.MILLISECONDS);
  }

  private interface ThrowingRunnable {
    void run() throws IOException;
  }

  private void drip(ScriptedPeer peer, IntSupplier bytes) {
    everyTenth(() -> peer.sendRaw((byte) bytes.getAsInt()));
  }

  @Test
  void hello_dripped_isClosedInTime() throws Exception {
    byte[] hello = {0, 0, 0, 45, 1, 'L', 'S', 'H', 'P'};
    ByteBuffer left = ByteBuffer.wrap(Arrays.copyOf(hello, 49));
    try (ScriptedPeer peer = new ScriptedPeer(port()).listening()) {
      drip(peer, left::get);
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.SILENT);
    }
    assertThat(left.hasRemaining()).isTrue();
    assertThat(agent.count(SwarmMetrics.GOODBYES, "reason", "silent")).isEqualTo(1);
  }

  @Test
  void bitfield_dripped_isClosed() throws Exception {
    try (ScriptedPeer peer = new ScriptedPeer(port()).listening().hello()) {
      peer.sendRaw(ByteBuffer.allocate(5).putInt(10_000).put((byte) 3).array());
      drip(peer, () -> 1);
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.SILENT);
    }
  }

  @Test
  void piece_dripped_isClosedItsRoomGivenBackAndThePullCompletes() throws Exception {
    TestBlob blob = TestBlob.random(2 * MIB, 60);
    CompletableFuture<Frame.Request> asked = new CompletableFuture<>();
    SourceReader source =
        (offset, length) -> {
          if (!asked.isDone()) {
            throw new IOException("not before the peer was asked");
          }
          return blob.read(offset, length);
        };
    try (SwarmDownload download = agent.pull(blob, source);
        ScriptedPeer peer =
            new ScriptedPeer(
                    port(),
                    (_, frame) -> {
                      if (frame instanceof Frame.Request request) {
                        asked.complete(request);
                      }
                    })
                .listening()
                .hello()
                .has(blob, blob.pieces())) {
      peer.sendPiece(blob.digest(), asked.get(20, TimeUnit.SECONDS).piece(), new byte[1 << 18], 1);
      drip(peer, () -> 1);
      download.completion().get(40, TimeUnit.SECONDS);
      assertThat(blob.isIn(download.blob())).isTrue();
      await().until(() -> peer.closed);
      assertThat(peer.goodbye()).isEqualTo(GoodbyeReason.SILENT);
    }
    assertThat(agent.count(SwarmMetrics.GOODBYES, "reason", "silent")).isEqualTo(1);
    await()
        .untilAsserted(
            () -> assertThat(agent.metrics().get(SwarmMetrics.IN_FLIGHT).gauge().value()).isZero());
  }

  @Test
  void piece_readByDrips_doesNotKeepTheUplinkFromOthers() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 65);
    // Room for eight requests, which the drip fills; it would be closed after 12 s.
    TestSwarm.Member seeder =
        swarm.start(
            PeerRole.SEEDER,
            config ->
                TestSwarm.rates("8MiB/s", "unlimited")
                    .apply(config.withLimits(patient(config.limits(), Duration.ofSeconds(12)))),
            blob);
    try (ScriptedPeer peer =
        new ScriptedPeer(seeder.node().self().port()).deafAfterBitfield().hello().has(blob, 0)) {
      await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
      everyTenth(() -> {
        for (int piece = 0; piece < 20; piece++) {
          peer.send(new Frame.Request(blob.digest(), piece));
        }
      });
      await()
          .untilAsserted(() ->
              assertThat(seeder.metrics().get(SwarmMetrics.UPLOADS_QUEUED).gauge().value())
                  .isGreaterThanOrEqualTo(2));
      try (SwarmDownload download = agent.pull(blob, null)) {
        download.completion().get(10, TimeUnit.SECONDS);
        assertThat(blob.isIn(download.blob())).isTrue();
      }
      assertThat(seeder.count(SwarmMetrics.GOODBYES, "reason", "silent")).isZero();
    }
  }

  private static SwarmLimits patient(SwarmLimits base, Duration silence) {
    return new SwarmLimits(
        base.maxConnections(),
        base.maxHandshakes(),
        base.maxDials(),
        base.peersPerBlob(),
        base.candidatesPerBlob(),
        base.blobsPerConnection(),
        base.uploadQueue(),
        base.inFlightBytes(),
        base.helloTimeout(),
        base.dialTimeout(),
        base.keepAlive(),
        silence,
        base.idle(),
        base.stall(),
        base.minBackoff(),
        base.maxBackoff(),
        base.ban());
  }

  @Test
  void piece_readByDrips_isClosedAndItsBlobLetGo() throws Exception {
    TestBlob blob = TestBlob.random(64 * MIB, 61);
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (ScriptedPeer peer =
        new ScriptedPeer(seeder.node().self().port()).deafAfterBitfield().hello().has(blob, 0)) {
      await().until(() -> peer.frames.stream().anyMatch(Frame.Bitfield.class::isInstance));
      for (int piece = 0; piece < 60; piece++) {
        peer.send(new Frame.Request(blob.digest(), piece));
      }
      everyTenth(peer::readOne);
      await().until(() -> seeder.count(SwarmMetrics.GOODBYES, "reason", "silent") == 1);
    }
    await().untilAsserted(() -> assertThat(seeder.files().openClaims()).isZero());
  }
}
