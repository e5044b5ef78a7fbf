package dev.longshore.tracker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.SwarmNode;
import dev.longshore.swarm.node.SwarmNodeConfig;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.tracker.TrackerClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole members with a real tracker between them, and a source that is slow on each connection. */
@Timeout(90)
final class SharedSourceTest {
  private static final int MIB = 1 << 20;
  private static final SourceRef SOURCE = new SourceRef("registry.example", "library/app");

  @TempDir Path folder;

  private final ClusterKey key = ClusterKey.generate();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Transport transport = Transport.choose(TransportChoice.AUTO, "source-test", 2);
  private final AtomicLong sent = new AtomicLong();
  private Tracker tracker;
  private int members;

  @BeforeEach
  void start() throws Exception {
    tracker =
        Tracker.start(
            TrackerConfig.onFreePorts().withLeases(Duration.ofSeconds(10), Duration.ofMillis(300)));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    tracker.close();
    transport.close();
  }

  @Test
  void download_slowSource_membersReadDifferentRangesAtOnce() throws Exception {
    byte[] content = content(32 * MIB);
    SignedPieceMap map = map(content);
    List<SwarmDownload> downloads = new ArrayList<>();
    long began = System.nanoTime();
    for (int i = 0; i < 4; i++) {
      SwarmNode node = member(tracker.listen().toString());
      downloads.add(node.download(map, SOURCE, slow(content, 2 * MIB), Priority.FOREGROUND));
    }
    for (SwarmDownload download : downloads) {
      open.add(download);
      download.completion().get(60, TimeUnit.SECONDS);
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    double oneConnection = content.length / (2.0 * MIB);
    assertThat(seconds).isLessThan(oneConnection / 3);
    assertThat((double) sent.get() / content.length).isBetween(1.0, 1.05);
  }

  @Test
  void download_readerFallsSilent_anotherReadsWhatItWasToRead() throws Exception {
    byte[] content = content(4 * MIB);
    SignedPieceMap map = map(content);
    SilentLine line = new SilentLine(tracker.listen());
    open.add(line);
    // Reads nothing in any time that matters.
    SwarmDownload dead =
        member(line.address()).download(map, SOURCE, slow(content, 1), Priority.FOREGROUND);
    open.add(dead);
    await().until(() -> tracker.debug().toString().contains("piecesBeingRead=16"));
    SwarmNode other = member(tracker.listen().toString());
    AtomicLong firstRead = new AtomicLong();
    SourceReader quick =
        (offset, length) -> {
          firstRead.compareAndSet(0, System.nanoTime());
          return new ByteArrayInputStream(
              content, Math.toIntExact(offset), Math.toIntExact(length));
        };
    SwarmDownload download = other.download(map, SOURCE, quick, Priority.FOREGROUND);
    open.add(download);
    await().until(() -> tracker.debug().toString().contains("memberCount=2"));
    assertThat(firstRead).hasValue(0);
    line.fallSilent();
    long silentSince = System.nanoTime();
    download.completion().get(60, TimeUnit.SECONDS);
    // Two seconds are what TrackerStateTest holds it to; here others may have the machine.
    assertThat(Duration.ofNanos(firstRead.get() - silentSince)).isLessThan(Duration.ofSeconds(4));
  }

  private SwarmNode member(String at) throws Exception {
    PeerId id = PeerId.random(ThreadLocalRandom.current());
    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    PieceStore store =
        PieceStores.open(
            StoreConfig.defaults(folder.resolve("member" + members++)),
            key.trusted(),
            InstantSource.system(),
            metrics);
    open.add(store);
    TrackerClient client =
        TrackerClient.connect(
            List.of(at),
            new PeerAddress(id, "127.0.0.1", 0, PeerRole.AGENT),
            "",
            key.trusted(),
            null);
    open.add(client);
    SwarmNode node =
        SwarmNode.start(
            SwarmNodeConfig.of(id, "127.0.0.1", 0, PeerRole.AGENT),
            store,
            client,
            client,
            transport,
            metrics);
    open.add(node);
    client.listeningOn(node.self().port());
    return node;
  }

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    new Random(1).nextBytes(content);
    return content;
  }

  private SignedPieceMap map(byte[] content) {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(content.length));
    builder.update(ByteBuffer.wrap(content));
    return key.sign(builder.finish(Digest.sha256(content)));
  }

  /** A source that sends so many bytes a second on each connection. */
  private SourceReader slow(byte[] content, long bytesPerSecond) {
    return (offset, length) ->
        new ByteArrayInputStream(content, Math.toIntExact(offset), Math.toIntExact(length)) {
          private final long began = System.nanoTime();
          private long passed;

          @Override
          public synchronized int read(byte[] into, int at, int most) {
            int count = super.read(into, at, Math.min(most, 64 << 10));
            if (count > 0) {
              passed += count;
              sent.addAndGet(count);
              long due = began + TimeUnit.SECONDS.toNanos(1) * passed / bytesPerSecond;
              LockSupport.parkNanos(due - System.nanoTime());
            }
            return count;
          }
        };
  }
}
