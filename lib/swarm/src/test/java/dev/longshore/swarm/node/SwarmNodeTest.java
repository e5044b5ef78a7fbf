package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Priority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SwarmNodeTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;
  private TestSwarm swarm;

  @BeforeEach
  void start() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void stop() {
    swarm.close();
    for (TestSwarm.Member member : swarm.members) {
      if (member.store() instanceof TempFileStore files) {
        // Whatever is still open here would keep its blob from ever being evicted.
        await().untilAsserted(() -> assertThat(files.openClaims()).isZero());
      }
    }
  }

  @Test
  void download_fromSeeder_readsNoSource() throws Exception {
    TestBlob blob = TestBlob.random(5 * MIB + 17, 1);
    swarm.seeder(blob);
    TestSwarm.Member agent = swarm.agent();
    try (SwarmDownload download =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
      finish(download);
      assertThat(blob.isIn(download.blob())).isTrue();
      assertThat(download.traffic()).isEqualTo(new Traffic(0, blob.content.length, 0));
    }
    assertThat(blob.read).hasValue(0);
    assertThat(agent.count(SwarmMetrics.PIECES, "result", "verified")).isEqualTo(blob.pieces());
  }

  @Test
  void download_alone_readsTheSourceOnce() throws Exception {
    TestBlob blob = TestBlob.random(3 * MIB + 5, 2);
    TestSwarm.Member agent = swarm.agent();
    try (SwarmDownload download =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
      finish(download);
      assertThat(blob.isIn(download.blob())).isTrue();
      assertThat(download.traffic()).isEqualTo(new Traffic(blob.content.length, 0, 0));
    }
    assertThat(blob.read).hasValue(blob.content.length);
    assertThat(swarm.tracker.outstanding(blob.digest()).isEmpty()).isTrue();
  }

  @Test
  void download_eightTogether_sourceIsReadOnce() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 3);
    List<SwarmDownload> downloads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      downloads.add(
          swarm.agent().node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND));
    }
    for (SwarmDownload download : downloads) {
      finish(download);
      assertThat(blob.isIn(download.blob())).isTrue();
      assertThat(download.traffic().total()).isEqualTo(blob.content.length);
    }
    downloads.forEach(SwarmDownload::close);
    assertThat(blob.read).hasValue(blob.content.length);
  }

  @Test
  void download_completeBlob_isCompleteAtOnce() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 4);
    TestSwarm.Member seeder = swarm.seeder(blob);
    try (SwarmDownload download =
        seeder.node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      assertThat(download.completion()).isCompleted();
      download.arrival(blob.pieces() - 1).get();
      assertThat(download.traffic().total()).isZero();
    }
  }

  @Test
  void download_emptyBlob_isComplete() throws Exception {
    TestBlob blob = TestBlob.random(0, 5);
    try (SwarmDownload download =
        swarm.agent().node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      assertThat(download.completion()).isCompleted();
    }
  }

  @Test
  void download_twoClaims_shareOneTransfer() throws Exception {
    TestBlob blob = TestBlob.random(4 * MIB, 6);
    TestSwarm.Member agent = swarm.agent();
    SwarmDownload first =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND);
    SwarmDownload second =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND);
    first.close();
    finish(second);
    second.close();
    assertThat(blob.read).hasValue(blob.content.length);
  }

  @Test
  void arrival_everyPieceInOrder_completesAsTheyCome() throws Exception {
    TestBlob blob = TestBlob.random(6 * MIB, 7);
    swarm.seeder(blob);
    try (SwarmDownload download =
        swarm.agent().node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      for (int piece = 0; piece < blob.pieces(); piece++) {
        download.arrival(piece).get();
        assertThat(download.blob().has(piece)).isTrue();
      }
    }
  }

  @Test
  void close_lastClaimOfUnfinished_stopsAndReleasesLeases() throws Exception {
    TestBlob blob = TestBlob.random(8 * MIB, 8);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "1MiB/s"));
    SwarmDownload download =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND);
    download.arrival(0).get();
    download.close();
    assertThatThrownBy(() -> download.completion().get(10, TimeUnit.SECONDS))
        .hasMessageContaining("was stopped");
    await().until(() -> swarm.tracker.outstanding(blob.digest()).isEmpty());
    assertThat(swarm.tracker.announced(blob.digest())).isZero();
  }

  @Test
  void download_again_afterStop_keepsWhatWasStored() throws Exception {
    TestBlob blob = TestBlob.random(4 * MIB, 9);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "4MiB/s"));
    SwarmDownload first =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND);
    first.arrival(2).get();
    int held = first.blob().held().cardinality();
    first.close();
    try (SwarmDownload second =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
      finish(second);
      assertThat(second.traffic().total())
          .isLessThanOrEqualTo(blob.content.length - held * 262_144L);
    }
  }

  @Test
  void download_peerWithWrongBytes_isBannedAndDownloadSucceeds() throws Exception {
    TestBlob blob = TestBlob.random(4 * MIB, 10);
    TestSwarm.Member poisoner = swarm.agent();
    poisoner.files().pretend(blob.map, 0, blob.pieces());
    try (SwarmDownload _ =
        poisoner.node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm::peersFirst);
      try (SwarmDownload download =
          agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
        finish(download);
        assertThat(blob.isIn(download.blob())).isTrue();
      }
      assertThat(agent.count(SwarmMetrics.BANS, "reason", "corrupt")).isEqualTo(1);
      assertThat(agent.count(SwarmMetrics.PIECES, "result", "corrupt")).isPositive();
    }
  }

  @Test
  void download_sourceFailsAndSendsWrongBytes_isRetried() throws Exception {
    TestBlob blob = TestBlob.random(3 * MIB, 11);
    AtomicInteger reads = new AtomicInteger();
    SourceReader flaky =
        (offset, length) ->
            switch (reads.getAndIncrement()) {
              case 0 -> throw new IOException("connection reset");
              case 1 -> new ByteArrayInputStream(new byte[Math.toIntExact(length)], 0, 300_000);
              case 2 -> new ByteArrayInputStream(blob.content, (int) offset, (int) length / 2);
              default -> blob.read(offset, length);
            };
    try (SwarmDownload download =
        swarm.agent().node().download(blob.map, TestSwarm.SOURCE, flaky, Priority.FOREGROUND)) {
      finish(download);
      assertThat(blob.isIn(download.blob())).isTrue();
    }
    await().until(() -> swarm.tracker.outstanding(blob.digest()).isEmpty());
  }

  @Test
  void download_sourceDeniesAndNobodyHasIt_failsWithTheReason() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 12);
    SourceReader denying =
        (offset, length) -> {
          throw new SourceDeniedException("401: no pull access to app");
        };
    try (SwarmDownload download =
        swarm.agent().node().download(blob.map, TestSwarm.SOURCE, denying, Priority.FOREGROUND)) {
      assertThatThrownBy(() -> download.arrival(0).get())
          .hasCauseInstanceOf(DownloadFailedException.class)
          .hasMessageContaining("no pull access to app");
      assertThat(download.completion()).isCompletedExceptionally();
    }
  }

  @Test
  void download_diskFull_failsButWhatIsHereIsStillServed() throws Exception {
    TestBlob held = TestBlob.random(MIB, 13);
    TestBlob blob = TestBlob.random(4 * MIB, 14);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, config -> config, held);
    agent.files().writesUntilFull = 3;
    try (SwarmDownload download =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
      assertThatThrownBy(() -> finish(download)).hasMessageContaining("the disk is full");
      assertThat(download.blob().held().cardinality()).isEqualTo(3);
    }
    try (SwarmDownload other =
        swarm.agent().node().download(held.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      finish(other);
    }
  }

  @Test
  void download_uploadLimit_isKept() throws Exception {
    TestBlob blob = TestBlob.random(6 * MIB, 15);
    swarm.start(PeerRole.SEEDER, TestSwarm.rates("4MiB/s", "unlimited"), blob);
    long begin = System.nanoTime();
    try (SwarmDownload download =
        swarm.agent().node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      finish(download);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(took).isBetween(Duration.ofMillis(1200), Duration.ofMillis(4000));
  }

  @Test
  void download_downloadLimit_isKeptForPeersAndSource() throws Exception {
    TestBlob seeded = TestBlob.random(4 * MIB, 16);
    TestBlob sourced = TestBlob.random(4 * MIB, 17);
    swarm.seeder(seeded);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "4MiB/s"));
    long begin = System.nanoTime();
    try (SwarmDownload one =
            agent.node().download(seeded.map, TestSwarm.SOURCE, null, Priority.FOREGROUND);
        SwarmDownload other =
            agent.node().download(sourced.map, TestSwarm.SOURCE, sourced, Priority.FOREGROUND)) {
      finish(one);
      finish(other);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(took).isBetween(Duration.ofMillis(1500), Duration.ofMillis(5000));
  }

  @Test
  void download_preheatBesideAPull_getsLittleUntilThePullIsDone() throws Exception {
    TestBlob preheated = TestBlob.random(16 * MIB, 40);
    TestBlob pulled = TestBlob.random(16 * MIB, 41);
    swarm.start(PeerRole.SEEDER, config -> config, preheated, pulled);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "8MiB/s"));
    try (SwarmDownload pull =
        agent.node().download(pulled.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
      pull.arrival(0).get();
      try (SwarmDownload preheat =
          agent.node().download(preheated.map, TestSwarm.SOURCE, null, Priority.PREHEAT)) {
        finish(pull);
        assertThat(preheat.blob().held().cardinality()).isLessThan(preheated.pieces() / 4);
        finish(preheat);
      }
    }
  }

  @Test
  void download_preheatThatIsPulledNow_isRaisedUntilThePullIsGone() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 42);
    swarm.seeder(blob);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "1MiB/s"));
    try (SwarmDownload _ =
        agent.node().download(blob.map, TestSwarm.SOURCE, null, Priority.PREHEAT)) {
      assertThat(agent.node().debug().toString()).contains("priority=PREHEAT");
      try (SwarmDownload _ =
          agent.node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
        assertThat(agent.node().debug().toString()).contains("priority=FOREGROUND");
      }
      assertThat(agent.node().debug().toString()).contains("priority=PREHEAT");
    }
  }

  @Test
  void download_budgetOfOnePiece_stillFinishes() throws Exception {
    TestBlob blob = TestBlob.random(4 * MIB, 18);
    swarm.seeder(blob);
    swarm.seeder(blob);
    TestSwarm.Member agent =
        swarm.start(
            PeerRole.AGENT,
            config -> {
              SwarmLimits base = config.limits();
              return config.withLimits(
                  new SwarmLimits(
                      base.maxConnections(),
                      base.maxHandshakes(),
                      base.maxDials(),
                      base.peersPerBlob(),
                      base.candidatesPerBlob(),
                      base.blobsPerConnection(),
                      base.uploadQueue(),
                      300_000,
                      base.helloTimeout(),
                      base.dialTimeout(),
                      base.keepAlive(),
                      base.silence(),
                      base.idle(),
                      base.stall(),
                      base.minBackoff(),
                      base.maxBackoff(),
                      base.ban()));
            });
    try (SwarmDownload download =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
      finish(download);
      assertThat(blob.isIn(download.blob())).isTrue();
    }
  }

  @Test
  void download_manyBlobsBothWays_overOneConnectionAPair() throws Exception {
    TestSwarm.Member one = swarm.agent();
    TestSwarm.Member other = swarm.agent();
    List<TestBlob> blobs = new ArrayList<>();
    List<SwarmDownload> downloads = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      TestBlob blob = TestBlob.random(2 * MIB + i, 20 + i);
      blobs.add(blob);
      downloads.add(one.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND));
      downloads.add(other.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND));
    }
    for (SwarmDownload download : downloads) {
      finish(download);
    }
    assertThat(one.metrics().get(SwarmMetrics.CONNECTIONS).gauge().value()).isEqualTo(1);
    assertThat(other.metrics().get(SwarmMetrics.CONNECTIONS).gauge().value()).isEqualTo(1);
    for (TestBlob blob : blobs) {
      assertThat(blob.read).hasValue(blob.content.length);
    }
    downloads.forEach(SwarmDownload::close);
    assertThat(one.node().debug().toString()).contains("connections=[{");
  }

  @Test
  void close_duringDownload_failsItsClaims() throws Exception {
    TestBlob blob = TestBlob.random(8 * MIB, 30);
    TestSwarm.Member agent = swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "1MiB/s"));
    SwarmDownload download =
        agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND);
    agent.node().close();
    assertThatThrownBy(() -> download.arrival(31).get())
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    download.close();
  }

  private static void finish(SwarmDownload download) throws Exception {
    download.completion().get(40, TimeUnit.SECONDS);
  }
}
