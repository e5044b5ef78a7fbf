package dev.longshore.agent.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is fetched before it is asked for, and how much at most. */
final class FetchAheadTest {
  private final Queue<Digest> begun = new ConcurrentLinkedQueue<>();
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final AtomicInteger ended = new AtomicInteger();
  private final FetchAhead ahead =
      new FetchAhead((blob, priority) -> {
        assertThat(priority).isEqualTo(Priority.FOREGROUND);
        begun.add(blob.digest());
        mayEnd.await();
        ended.incrementAndGet();
      });

  @AfterEach
  void close() {
    mayEnd.countDown();
    ahead.close();
  }

  @Test
  void fetch_smallBlobsAndLarge_beginsTheSmall() {
    ahead.fetch(
        List.of(blob(1, 20_000), blob(2, LonePieceMap.MAX_SIZE + 1L), blob(3, 1), blob(4, 0)));
    await().untilAsserted(() -> assertThat(begun).containsExactlyInAnyOrder(digest(1), digest(3)));
  }

  @Test
  void fetch_sizesThatCannotBe_areLeft() {
    ahead.fetch(List.of(blob(1, -1), blob(2, Long.MAX_VALUE), blob(3, Long.MIN_VALUE), blob(4, 7)));
    await().untilAsserted(() -> assertThat(begun).containsExactly(digest(4)));
  }

  @Test
  void fetch_tenThousandLayers_beginsAsManyAsAnImageHas() {
    ahead.fetch(IntStream.range(0, 10_000).mapToObj(i -> blob(i, 20_000)).toList());
    mayEnd.countDown();
    await().untilAsserted(() -> assertThat(ended).hasValue(FetchAhead.MOST_OF_ONE));
    assertThat(begun).hasSize(FetchAhead.MOST_OF_ONE);
  }

  @Test
  void fetch_manyManifests_noMoreAreUnderWayThanThereIsRoomFor() {
    for (int manifest = 0; manifest < 10; manifest++) {
      int first = manifest * 1_000;
      ahead.fetch(IntStream.range(first, first + 100).mapToObj(i -> blob(i, 1)).toList());
    }
    await().untilAsserted(() -> assertThat(begun).hasSize(FetchAhead.MOST_TOGETHER));
    mayEnd.countDown();
    await().untilAsserted(() -> assertThat(ended).hasValue(FetchAhead.MOST_TOGETHER));
    ahead.fetch(List.of(blob(-1, 1)));
    await().untilAsserted(() -> assertThat(begun).contains(digest(-1)));
  }

  @Test
  void fetch_blobsOfAManifest_areExpectedTogetherBeforeTheFirst() {
    Queue<List<Digest>> expected = new ConcurrentLinkedQueue<>();
    FetchAhead.Fetch fetch =
        new FetchAhead.Fetch() {
          @Override
          public void fetch(BlobAtSource blob, Priority priority) {
            assertThat(expected).hasSize(1);
            begun.add(blob.digest());
          }

          @Override
          public void expect(List<? extends BlobAtSource> blobs) {
            assertThat(begun).isEmpty();
            expected.add(blobs.stream().map(BlobAtSource::digest).toList());
          }
        };
    try (FetchAhead telling = new FetchAhead(fetch)) {
      telling.fetch(IntStream.range(0, 1_000).mapToObj(i -> blob(i, i)).toList());
      await().untilAsserted(() -> assertThat(begun).hasSize(FetchAhead.MOST_OF_ONE));
      assertThat(expected).hasSize(1);
      assertThat(begun).containsExactlyInAnyOrderElementsOf(expected.element());
    }
  }

  @Test
  void begins_sameManifestTwice_onlyOnce() {
    assertThat(ahead.begins(digest(1))).isTrue();
    assertThat(ahead.begins(digest(1))).isFalse();
    assertThat(ahead.begins(digest(2))).isTrue();
  }

  @Test
  void fetch_oneThatFails_othersGoOnAndItsRoomIsFree() {
    try (FetchAhead failing =
        new FetchAhead((blob, priority) -> {
          begun.add(blob.digest());
          throw new IOException("no");
        })) {
      for (int from = 0; from < 2 * FetchAhead.MOST_TOGETHER; from += FetchAhead.MOST_OF_ONE) {
        int to = from + FetchAhead.MOST_OF_ONE;
        failing.fetch(IntStream.range(from, to).mapToObj(i -> blob(i, 1)).toList());
        await().untilAsserted(() -> assertThat(begun).hasSize(to));
      }
    }
  }

  @Test
  void read_manyAtATime_fewAreOpenAtTheRegistry() {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(FetchAhead.MOST_READS);
    try (FetchAhead reading =
        new FetchAhead((blob, priority) -> {
          try (InputStream in = blob.read(0, 1)) {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            assertThat(in.read()).isZero();
            full.countDown();
            full.await();
            open.decrementAndGet();
          }
          ended.incrementAndGet();
        })) {
      reading.fetch(IntStream.range(0, 100).mapToObj(i -> blob(i, 1)).toList());
      await().untilAsserted(() -> assertThat(ended).hasValue(100));
      assertThat(most.get()).isEqualTo(FetchAhead.MOST_READS);
    }
  }

  private static Digest digest(int number) {
    return Digest.sha256(Integer.toString(number).getBytes(StandardCharsets.UTF_8));
  }

  private static BlobAtSource blob(int number, long size) {
    return new BlobAtSource() {
      @Override
      public Digest digest() {
        return FetchAheadTest.digest(number);
      }

      @Override
      public long size() {
        return size;
      }

      @Override
      public SourceRef source() {
        return new SourceRef("registry.example", "team/app");
      }

      @Override
      public Optional<SignedPieceMap> pieces() {
        return Optional.empty();
      }

      @Override
      public InputStream read(long offset, long length) {
        return new ByteArrayInputStream(new byte[Math.toIntExact(length)]);
      }
    };
  }
}
