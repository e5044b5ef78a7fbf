package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.store.StoredBlob;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes on the real store, and on blobs that do not fit in memory. */
@Timeout(90)
class SwarmNodeStoreTest {
  private static final PieceLayout LARGE = PieceLayout.forSize((5L << 30) + 12_345);
  private static @Nullable SignedPieceMap mostlyZeros;

  @TempDir Path folder;

  @Test
  void download_restartedInTheMiddle_resumesFromVerifiedPieces() throws Exception {
    TestBlob blob = TestBlob.random(8 << 20, 60);
    int held;
    try (TestSwarm swarm = new TestSwarm(folder);
        PieceStore store = openStore()) {
      TestSwarm.Member agent =
          swarm.start(PeerRole.AGENT, TestSwarm.rates("unlimited", "8MiB/s"), store);
      try (SwarmDownload download =
          agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND)) {
        download.arrival(12).get();
        agent.node().close();
        held = download.blob().held().cardinality();
      }
    }
    assertThat(held).isBetween(1, blob.pieces() - 1);
    try (TestSwarm swarm = new TestSwarm(folder);
        PieceStore store = openStore()) {
      TestSwarm.Member agent = swarm.start(PeerRole.AGENT, config -> config, store);
      TestSwarm.Member other = swarm.agent();
      try (SwarmDownload download =
              agent.node().download(blob.map, TestSwarm.SOURCE, blob, Priority.FOREGROUND);
          SwarmDownload second =
              other.node().download(blob.map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
        download.completion().get(40, TimeUnit.SECONDS);
        assertThat(blob.isIn(download.blob())).isTrue();
        assertThat(download.traffic().total())
            .isEqualTo(blob.content.length - held * (long) PieceLayout.MIN_PIECE_SIZE);
        second.completion().get(40, TimeUnit.SECONDS);
        assertThat(blob.isIn(second.blob())).isTrue();
      }
    }
  }

  /** Past 4 GiB an offset that was narrowed somewhere would bring other bytes, or none. */
  @Tag("node") // io_uring, and seconds of hashing
  @ParameterizedTest
  @EnumSource(TransportChoice.class)
  void download_piecesPastFourGibibytes_areRight(TransportChoice choice) throws Exception {
    int[] marked = {0, LARGE.pieceAt(3L << 30), LARGE.pieceAt(1L << 32), LARGE.count() - 1};
    PieceLayout layout = LARGE;
    SignedPieceMap map = mostlyZeros(marked);
    try (TestSwarm swarm = new TestSwarm(folder, choice)) {
      TestSwarm.Member seeder = swarm.start(PeerRole.SEEDER, config -> config);
      seeder.files().pretend(map, 0, layout.count());
      TestSwarm.Member agent = swarm.agent();
      int before = 0;
      for (int piece : marked) {
        try (StoredBlob blob = seeder.store().open(map)) {
          blob.write(piece, new ByteBuffer[] {bytes(layout, piece)});
        }
        agent.files().pretend(map, before, piece);
        before = piece + 1;
      }
      // Told about what came into its store behind its back, the seeder announces it.
      try (SwarmDownload seeded =
              seeder.node().download(map, TestSwarm.SOURCE, null, Priority.FOREGROUND);
          SwarmDownload download =
              agent.node().download(map, TestSwarm.SOURCE, null, Priority.FOREGROUND)) {
        assertThat(seeded.completion()).isCompleted();
        download.completion().get(60, TimeUnit.SECONDS);
        for (int piece : marked) {
          ByteBuffer found = ByteBuffer.allocate(layout.length(piece));
          while (found.hasRemaining()) {
            download.blob().file().read(found, layout.offset(piece) + found.position());
          }
          assertThat(found.flip()).isEqualTo(bytes(layout, piece));
        }
      }
    }
  }

  private PieceStore openStore() throws IOException {
    return PieceStores.open(
        StoreConfig.defaults(folder.resolve("store")),
        null,
        InstantSource.system(),
        new SimpleMeterRegistry());
  }

  private static synchronized SignedPieceMap mostlyZeros(int... marked) {
    if (mostlyZeros == null) {
      mostlyZeros = hashed(LARGE, marked);
    }
    return mostlyZeros;
  }

  private static SignedPieceMap hashed(PieceLayout layout, int... marked) {
    PieceMapBuilder builder = new PieceMapBuilder(layout);
    java.util.Set<Integer> special = new java.util.HashSet<>();
    for (int piece : marked) {
      special.add(piece);
    }
    ByteBuffer zeros = ByteBuffer.allocate(layout.pieceSize());
    for (int piece = 0; piece < layout.count(); piece++) {
      builder.update(
          special.contains(piece)
              ? bytes(layout, piece)
              : zeros.duplicate().limit(layout.length(piece)));
    }
    PieceMap map = builder.finish(Digest.sha256("five gibibytes".getBytes(StandardCharsets.UTF_8)));
    return ClusterKey.generate().sign(map);
  }

  /** Every eight bytes say where they are. */
  private static ByteBuffer bytes(PieceLayout layout, int piece) {
    ByteBuffer bytes = ByteBuffer.allocate(layout.length(piece));
    while (bytes.remaining() >= 8) {
      bytes.putLong(layout.offset(piece) + bytes.position());
    }
    return bytes.clear();
  }
}
