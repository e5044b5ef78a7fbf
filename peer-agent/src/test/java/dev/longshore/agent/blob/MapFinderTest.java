package dev.longshore.agent.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.discovery.PieceMapDirectory;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MapFinderTest {
  private static final byte[] BYTES = {1, 2, 3};
  private static final SignedPieceMap MAP = map();
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final BlobMetrics NOT_COUNTED =
      new BlobMetrics() {
        @Override
        public void sent(long bytes) {}

        @Override
        public void readAtSource(long bytes) {}

        @Override
        public void mapRefused() {}

        @Override
        public void fellBack(Fallback reason) {}
      };

  private final CompletableFuture<Optional<SignedPieceMap>> waiting = new CompletableFuture<>();
  private final AtomicInteger joined = new AtomicInteger();
  private @Nullable PeerRole whoComes;
  private Optional<SignedPieceMap> atSource = Optional.empty();
  private int published;

  @Test
  void find_atTheSource_isPublishedAndNobodyIsCalled() throws InterruptedException {
    atSource = Optional.of(MAP);
    assertThat(finder(LONG).find(blob())).contains(MAP);
    assertThat(published).isEqualTo(1);
    assertThat(joined).hasValue(0);
  }

  @Test
  void find_noSeeder_isEmptySoon() throws InterruptedException {
    long start = System.nanoTime();
    assertThat(finder(LONG).find(blob())).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(joined).hasValue(0); // withdrawn
  }

  @Test
  void find_anAgentComes_isNotTakenForASeeder() throws InterruptedException {
    whoComes = PeerRole.AGENT;
    assertThat(finder(LONG).find(blob())).isEmpty();
  }

  @Test
  void find_seederComes_itsMapIsWaitedFor() throws InterruptedException {
    whoComes = PeerRole.SEEDER;
    Thread.ofVirtual().start(() -> waiting.complete(Optional.of(MAP)));
    assertThat(finder(LONG).find(blob())).contains(MAP);
  }

  @Test
  void find_noWaitAllowed_asksNobody() throws InterruptedException {
    assertThat(finder(Duration.ZERO).find(blob())).isEmpty();
    assertThat(joined).hasValue(0);
  }

  private MapFinder finder(Duration mostWait) {
    PieceMapDirectory directory =
        new PieceMapDirectory() {
          @Override
          public CompletableFuture<Optional<SignedPieceMap>> find(Digest blob, Duration wait) {
            return wait.isZero() ? CompletableFuture.completedFuture(Optional.empty()) : waiting;
          }

          @Override
          public void publish(SignedPieceMap map) {
            published++;
          }
        };
    PeerSource peers =
        (blob, size, source, sink) -> {
          joined.incrementAndGet();
          if (whoComes != null) {
            sink.found(new PeerAddress(new PeerId(1, 2), "127.0.0.1", 1, whoComes));
          }
          return new PeerSource.Registration() {
            @Override
            public void progress(int held, int pieces) {}

            @Override
            public void close() {
              joined.decrementAndGet();
            }
          };
        };
    return new MapFinder(directory, peers, mostWait, NOT_COUNTED);
  }

  private BlobAtSource blob() {
    return new BlobAtSource() {
      @Override
      public Digest digest() {
        return MAP.map().digest();
      }

      @Override
      public long size() {
        return BYTES.length;
      }

      @Override
      public SourceRef source() {
        return new SourceRef("r.example", "team/app");
      }

      @Override
      public Optional<SignedPieceMap> pieces() {
        return atSource;
      }

      @Override
      public InputStream read(long offset, long length) {
        throw new AssertionError("not read here");
      }
    };
  }

  private static SignedPieceMap map() {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(BYTES.length));
    builder.update(ByteBuffer.wrap(BYTES));
    return ClusterKey.generate().sign(builder.finish(Digest.sha256(BYTES)));
  }
}
