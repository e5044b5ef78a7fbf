package dev.longshore.swarm.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.swarm.Priority;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims on parts of a blob, over real sockets. */
final class SwarmNodeRangesTest {
  private static final int MIB = 1 << 20;
  private static final int PIECE = MIB / 4;

  @TempDir Path folder;
  private TestSwarm swarm;

  @BeforeEach
  void start() {
    swarm = new TestSwarm(folder);
  }

  @AfterEach
  void stop() {
    swarm.close();
  }

  @Test
  void ranges_fromASeeder_areFetchedAndNothingElse() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 1);
    swarm.seeder(blob);
    TestSwarm.Member agent = swarm.agent();
    try (SwarmDownload download = ranges(agent, blob, blob)) {
      read(download, 3, 5);
      read(download, 40, 42);
      read(download, 9, 10);

      assertThat(download.blob().held()).isEqualTo(pieces(3, 4, 9, 40, 41));
      // Counted a moment after it arrived.
      await().until(() -> download.traffic().total() >= 5L * PIECE);
      assertThat(download.traffic()).isEqualTo(new Traffic(0, 5L * PIECE, 0));
    }
    assertThat(blob.read).hasValue(0);
  }

  @Test
  void ranges_alone_readThoseAtTheSource() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 2);
    try (SwarmDownload download = ranges(swarm.agent(), blob, blob)) {
      read(download, 3, 5);
      read(download, 40, 41);

      assertThat(download.blob().held()).isEqualTo(pieces(3, 4, 40));
    }
    assertThat(blob.read).hasValue(3L * PIECE);
  }

  @Test
  void ranges_thatOneMemberHas_goOnToTheNext() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 3);
    try (SwarmDownload first = ranges(swarm.agent(), blob, blob);
        SwarmDownload second = ranges(swarm.agent(), blob, null)) {
      second.want(3, 5);
      var waiting = second.arrival(3);
      read(first, 3, 5);
      waiting.get(20, SECONDS);
      second.arrival(4).get(20, SECONDS);

      assertThat(second.blob().held()).isEqualTo(pieces(3, 4));
    }
    assertThat(blob.read).hasValue(2L * PIECE);
  }

  @Test
  void ranges_ofManyReaders_allCome() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 4);
    swarm.seeder(blob);
    TestSwarm.Member agent = swarm.agent();
    List<SwarmDownload> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      readers.add(ranges(agent, blob, null));
      readers.getLast().want(6 * i, 6 * i + 2);
    }
    for (int i = 0; i < 8; i++) {
      readers.get(i).arrival(6 * i).get(20, SECONDS);
      readers.get(i).arrival(6 * i + 1).get(20, SECONDS);
    }
    assertThat(readers.getFirst().blob().held().cardinality()).isEqualTo(16);
    readers.forEach(SwarmDownload::close);
  }

  @Test
  void ranges_andSomebodyWhoPulls_everythingComes() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 5);
    swarm.seeder(blob);
    TestSwarm.Member agent = swarm.agent();
    try (SwarmDownload lazy = ranges(agent, blob, null)) {
      read(lazy, 40, 42);
      try (SwarmDownload pull = agent.pull(blob, null)) {
        pull.completion().get(20, SECONDS);
        assertThat(blob.isIn(pull.blob())).isTrue();
      }
      assertThat(lazy.completion()).isCompleted();
      lazy.arrival(63).get(20, SECONDS);
    }
  }

  @Test
  void pull_thatEndsEarly_leavesRangesToComeAlone() throws Exception {
    TestBlob blob = TestBlob.random(64 * MIB, 6);
    swarm.start(dev.longshore.swarm.PeerRole.SEEDER, TestSwarm.rates("64MiB/s", "unlimited"), blob);
    TestSwarm.Member agent = swarm.agent();
    try (SwarmDownload lazy = ranges(agent, blob, null)) {
      read(lazy, 200, 201);
      try (SwarmDownload pull = agent.pull(blob, null)) {
        pull.arrival(0).get(20, SECONDS);
      }
      read(lazy, 250, 252);
      // What had been asked for comes; after that nothing does.
      BitSet[] before = {new BitSet()};
      await()
          .until(() -> {
            boolean same = before[0].equals(lazy.blob().held());
            before[0] = lazy.blob().held();
            return same;
          });
      assertThat(lazy.blob().held().cardinality()).isLessThan(blob.pieces());
      read(lazy, 240, 241);
    }
  }

  @Test
  void arrival_withoutAWish_isAWishForThatPiece() throws Exception {
    TestBlob blob = TestBlob.random(16 * MIB, 7);
    swarm.seeder(blob);
    try (SwarmDownload download = ranges(swarm.agent(), blob, null)) {
      download.arrival(7).get(20, SECONDS);
      assertThat(download.blob().held()).isEqualTo(pieces(7));
    }
  }

  @Test
  void want_whatTheBlobHasNot_isRefused() throws Exception {
    TestBlob blob = TestBlob.random(MIB, 8);
    try (SwarmDownload download = ranges(swarm.agent(), blob, null)) {
      assertThatThrownBy(() -> download.want(0, 5)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> download.want(-1, 2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> download.want(2, 1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static SwarmDownload ranges(
      TestSwarm.Member member, TestBlob blob, @Nullable SourceReader source) throws Exception {
    return member
        .node()
        .download(blob.map, TestSwarm.SOURCE, source, Priority.ON_DEMAND, Scope.RANGES);
  }

  private static void read(SwarmDownload download, int first, int end) throws Exception {
    download.want(first, end);
    for (int piece = first; piece < end; piece++) {
      download.arrival(piece).get(20, SECONDS);
    }
  }

  private static BitSet pieces(int... numbers) {
    BitSet pieces = new BitSet();
    for (int number : numbers) {
      pieces.set(number);
    }
    return pieces;
  }
}
