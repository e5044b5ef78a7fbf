package dev.longshore.agent.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.Scope;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.Traffic;
import dev.longshore.swarm.source.BlobAtSource;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.store.StoredBlob;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a download goes on, rests and ends, as readers come and go. */
class SharedDownloadTest {
  private static final int PIECES = 4;
  private static final byte[] CONTENT = new byte[PIECES * PieceLayout.MIN_PIECE_SIZE];
  private static final SourceRef SOURCE = new SourceRef("registry.example", "team/app");

  @TempDir Path data;
  private final ClusterKey key = ClusterKey.generate();
  private final InstantSource clock = InstantSource.fixed(Instant.EPOCH);
  private final TransferLog transfers = new TransferLog(clock);
  private final List<Claim> open = new ArrayList<>();
  private final Deque<Runnable> afterRest = new ArrayDeque<>();
  private final CompletableFuture<Void> completion = new CompletableFuture<>();
  private final SignedPieceMap map = key.sign(pieceMap());
  private PieceStore store;
  private SharedDownload shared;
  private int gone;

  @BeforeEach
  void open() throws Exception {
    store =
        PieceStores.open(
            StoreConfig.defaults(data), key.trusted(), clock, new SimpleMeterRegistry());
    shared =
        new SharedDownload(
            map,
            transfers.begin(map.map().digest(), CONTENT.length, SOURCE),
            (reader, priority, scope) -> new Claim(priority, scope),
            afterRest::add,
            () -> gone++);
  }

  @AfterEach
  void close() throws Exception {
    shared.settle();
    assertThat(open).as("claims left open").isEmpty();
    store.close();
  }

  @Test
  void lazyReader_claimsRangesOnly() throws Exception {
    SwarmDownload claim = enter(Priority.ON_DEMAND);

    assertThat(open).extracting(each -> each.scope).containsOnly(Scope.RANGES);
    shared.leave(claim, Priority.ON_DEMAND);
  }

  @Test
  void lazyReader_leaves_downloadRestsAndThenEnds() throws Exception {
    shared.leave(enter(Priority.ON_DEMAND), Priority.ON_DEMAND);

    assertThat(open).as("the one that rests").hasSize(1);
    assertThat(gone).isZero();
    afterRest.remove().run();
    assertThat(open).isEmpty();
    assertThat(gone).isOne();
    assertThat(transfers.reports().getLast().state()).isEqualTo("stopped");
    assertThat(enterAny(Priority.ON_DEMAND)).as("ask for a new one").isNull();
  }

  @Test
  void lazyReader_comesBackInTime_restBeginsAnewWhenItLeaves() throws Exception {
    shared.leave(enter(Priority.ON_DEMAND), Priority.ON_DEMAND);
    SwarmDownload again = enter(Priority.ON_DEMAND);
    afterRest.remove().run();
    assertThat(gone).as("while it is read").isZero();

    SwarmDownload third = enter(Priority.ON_DEMAND);
    shared.leave(again, Priority.ON_DEMAND);
    shared.leave(third, Priority.ON_DEMAND);
    assertThat(gone).isZero();
    afterRest.remove().run();
    assertThat(gone).isOne();
  }

  @Test
  void lazyReader_leftAndCameAndLeft_theFirstRestDoesNotEndTheSecond() throws Exception {
    shared.leave(enter(Priority.ON_DEMAND), Priority.ON_DEMAND);
    shared.leave(enter(Priority.ON_DEMAND), Priority.ON_DEMAND);

    afterRest.remove().run();
    assertThat(gone).isZero();
    afterRest.remove().run();
    assertThat(gone).isOne();
  }

  @Test
  void puller_leavesWithLittleHere_endsAtOnce() throws Exception {
    SwarmDownload claim = enter(Priority.FOREGROUND);
    assertThat(open).extracting(each -> each.scope).contains(Scope.WHOLE);
    store(2);

    shared.leave(claim, Priority.FOREGROUND);

    assertThat(open).isEmpty();
    assertThat(gone).isOne();
  }

  @Test
  void puller_leavesWithMoreThanHalfHere_theRestComesStill() throws Exception {
    SwarmDownload claim = enter(Priority.FOREGROUND);
    store(3);

    shared.leave(claim, Priority.FOREGROUND);

    assertThat(open)
        .extracting(each -> each.scope)
        .containsExactlyInAnyOrder(Scope.RANGES, Scope.WHOLE);
    assertThat(open).extracting(each -> each.priority).containsOnly(Priority.BACKGROUND);
    store(4);
    completion.complete(null);
    assertThat(open).isEmpty();
    assertThat(transfers.reports().getLast().state()).isEqualTo("complete");
  }

  @Test
  void puller_leavesALazyReader_nobodyWantsTheWholeAnyMore() throws Exception {
    SwarmDownload lazy = enter(Priority.ON_DEMAND);
    SwarmDownload pull = enter(Priority.FOREGROUND);

    shared.leave(pull, Priority.FOREGROUND);

    assertThat(open).extracting(each -> each.scope).containsOnly(Scope.RANGES);
    assertThat(gone).isZero();
    shared.leave(lazy, Priority.ON_DEMAND);
  }

  @Test
  void lazyReader_leavesAPuller_theWholeStaysWanted() throws Exception {
    SwarmDownload lazy = enter(Priority.ON_DEMAND);
    SwarmDownload pull = enter(Priority.FOREGROUND);

    shared.leave(lazy, Priority.ON_DEMAND);

    assertThat(open).extracting(each -> each.scope).contains(Scope.WHOLE);
    assertThat(afterRest).isEmpty();
    shared.leave(pull, Priority.FOREGROUND);
  }

  private SwarmDownload enter(Priority priority) throws IOException {
    SwarmDownload claim = enterAny(priority);
    assertThat(claim).isNotNull();
    return java.util.Objects.requireNonNull(claim);
  }

  private @Nullable SwarmDownload enterAny(Priority priority) throws IOException {
    return shared.enter(new NoSource(), priority);
  }

  /** So many pieces are here. */
  private void store(int pieces) throws IOException {
    try (StoredBlob blob = store.open(map)) {
      for (int piece = 0; piece < pieces; piece++) {
        if (!blob.has(piece)) {
          blob.write(piece, new ByteBuffer[] {ByteBuffer.allocate(PieceLayout.MIN_PIECE_SIZE)});
        }
      }
    }
  }

  private static PieceMap pieceMap() {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(CONTENT.length));
    builder.update(ByteBuffer.wrap(CONTENT));
    return builder.finish(Digest.sha256(CONTENT));
  }

  /** A claim on a download that nothing comes of by itself. */
  private final class Claim implements SwarmDownload {
    private final Priority priority;
    private final Scope scope;
    private final StoredBlob blob;

    Claim(Priority priority, Scope scope) throws IOException {
      this.priority = priority;
      this.scope = scope;
      this.blob = store.open(map);
      open.add(this);
    }

    @Override
    public StoredBlob blob() {
      return blob;
    }

    @Override
    public void want(int first, int end) {}

    @Override
    public CompletableFuture<Void> arrival(int piece) {
      return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Void> completion() {
      return completion.copy();
    }

    @Override
    public Traffic traffic() {
      return new Traffic(0, 0, 0);
    }

    @Override
    public void close() {
      if (open.remove(this)) {
        blob.close();
      }
    }
  }

  private final class NoSource implements BlobAtSource {
    @Override
    public Digest digest() {
      return map.map().digest();
    }

    @Override
    public long size() {
      return CONTENT.length;
    }

    @Override
    public SourceRef source() {
      return SOURCE;
    }

    @Override
    public Optional<SignedPieceMap> pieces() {
      return Optional.of(map);
    }

    @Override
    public InputStream read(long offset, long length) throws IOException {
      throw new IOException("nobody reads here");
    }
  }
}
