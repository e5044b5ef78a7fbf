package dev.longshore.agent;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.discovery.PieceMapDirectory;
import dev.longshore.swarm.node.DownloadFailedException;
import dev.longshore.swarm.node.Scope;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.Traffic;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A swarm without peers, in memory: a directory of maps, and downloads that read each piece at the
 * source when it is awaited. It can be told to fail or to stand still.
 */
final class FakeSwarm implements Blobs.Swarm, PieceMapDirectory, PeerSource {
  private final PieceStore store;
  final Map<Digest, SignedPieceMap> maps = new ConcurrentHashMap<>();
  final List<Digest> joined = new ArrayList<>();
  private final Map<Digest, AtomicLong> reads = new ConcurrentHashMap<>();
  private final Map<Digest, CompletableFuture<Void>> completions = new ConcurrentHashMap<>();
  final AtomicInteger openClaims = new AtomicInteger();

  /** The piece at which downloads fail, or -1. */
  volatile int failAt = -1;

  /** The piece at which downloads stand still for ever, or -1. */
  volatile int stallAt = -1;

  FakeSwarm(PieceStore store) {
    this.store = store;
  }

  @Override
  public SwarmDownload download(
      VouchedPieceMap map, SourceRef source, SourceReader reader, Priority priority, Scope scope)
      throws IOException {
    openClaims.incrementAndGet();
    return new Claim(store.open(map), reader);
  }

  @Override
  public CompletableFuture<Optional<SignedPieceMap>> find(Digest blob, Duration wait) {
    return CompletableFuture.completedFuture(Optional.ofNullable(maps.get(blob)));
  }

  @Override
  public void publish(SignedPieceMap map) {
    maps.put(map.map().digest(), map);
  }

  @Override
  public Registration join(Digest blob, long size, SourceRef source, PeerSink sink) {
    synchronized (joined) {
      joined.add(blob);
    }
    return new Registration() {
      @Override
      public void progress(int held, int pieces) {}

      @Override
      public void close() {}
    };
  }

  private final class Claim implements SwarmDownload {
    private final StoredBlob blob;
    private final SourceReader reader;
    private final AtomicLong read; // of the whole download
    private final CompletableFuture<Void> completion; // of the whole download
    private boolean closed;

    Claim(StoredBlob blob, SourceReader reader) {
      this.blob = blob;
      this.reader = reader;
      this.completion =
          completions.computeIfAbsent(blob.map().digest(), digest -> new CompletableFuture<>());
      this.read = reads.computeIfAbsent(blob.map().digest(), digest -> new AtomicLong());
    }

    @Override
    public StoredBlob blob() {
      return blob;
    }

    @Override
    public void want(int first, int end) {}

    @Override
    public CompletableFuture<Void> arrival(int piece) {
      CompletableFuture<Void> arrival = new CompletableFuture<>();
      if (piece != stallAt) {
        try {
          fetch(piece);
          arrival.complete(null);
        } catch (IOException e) {
          arrival.completeExceptionally(e);
        }
      }
      return arrival;
    }

    private void fetch(int piece) throws IOException {
      if (blob.has(piece)) {
        return;
      }
      if (piece == failAt) {
        throw new DownloadFailedException("told to fail at piece " + piece);
      }
      PieceMap map = blob.map();
      byte[] bytes;
      try (InputStream in = reader.read(map.layout().offset(piece), map.layout().length(piece))) {
        bytes = in.readAllBytes();
      }
      if (!map.matches(piece, PieceMap.newHasher().digest(bytes))) {
        throw new DownloadFailedException("wrong bytes");
      }
      blob.write(piece, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      read.addAndGet(bytes.length);
      if (blob.complete()) {
        completion.complete(null);
      }
    }

    @Override
    public CompletableFuture<Void> completion() {
      return completion.copy();
    }

    @Override
    public Traffic traffic() {
      return new Traffic(read.get(), 0, 0);
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        openClaims.decrementAndGet();
        blob.close();
      }
    }
  }
}
