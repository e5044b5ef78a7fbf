package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.StoreFullException;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A piece store on plain files that remembers nothing and counts its open claims. */
final class TempFileStore implements PieceStore {
  private final Path folder;
  private final Map<Digest, Blob> blobs = new HashMap<>();
  int openClaims;
  volatile int writesUntilFull = Integer.MAX_VALUE;

  /** Looks for blobs take until this is done. */
  volatile CompletableFuture<Void> finds = CompletableFuture.completedFuture(null);

  /** Looks for blobs that have begun. */
  final AtomicInteger findsBegun = new AtomicInteger();

  private static final class Blob {
    final PieceMap map;
    final @Nullable SignedPieceMap signed;
    final FileChannel file;
    final BitSet held = new BitSet();

    Blob(PieceMap map, @Nullable SignedPieceMap signed, FileChannel file) {
      this.map = map;
      this.signed = signed;
      this.file = file;
    }
  }

  TempFileStore(Path folder) {
    this.folder = folder;
  }

  @Override
  public StoredBlob open(VouchedPieceMap map) throws IOException {
    return open(map.map(), map instanceof SignedPieceMap signed ? signed : null);
  }

  @Override
  public StoredBlob openUnsigned(PieceMap map) throws IOException {
    return open(map, null);
  }

  private synchronized StoredBlob open(PieceMap map, @Nullable SignedPieceMap signed)
      throws IOException {
    Blob blob = blobs.get(map.digest());
    if (blob == null) {
      FileChannel file =
          FileChannel.open(
              folder.resolve(map.digest().hex()),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      blob = new Blob(map, signed, file);
      blobs.put(map.digest(), blob);
    }
    openClaims++;
    return new Claim(blob);
  }

  @Override
  public Optional<StoredBlob> find(Digest digest) {
    findsBegun.incrementAndGet();
    Optional<StoredBlob> found = look(digest);
    finds.join();
    return found;
  }

  private synchronized Optional<StoredBlob> look(Digest digest) {
    Blob blob = blobs.get(digest);
    if (blob == null) {
      return Optional.empty();
    }
    openClaims++;
    return Optional.of(new Claim(blob));
  }

  @Override
  public synchronized List<BlobSummary> list() {
    return blobs.values().stream()
        .map(blob ->
            new BlobSummary(
                blob.map.digest(),
                blob.map.layout().size(),
                blob.map.layout().count(),
                blob.held.cardinality()))
        .toList();
  }

  @Override
  public synchronized void delete(Digest digest) {
    blobs.remove(digest);
  }

  @Override
  public long bytesHeld() {
    return 0;
  }

  @Override
  public CompletableFuture<Void> recovered() {
    return CompletableFuture.completedFuture(null);
  }

  /** Puts a whole blob here. */
  void fill(SignedPieceMap map, byte[] content) throws IOException {
    try (StoredBlob blob = open(map)) {
      for (int piece = 0; piece < map.map().layout().count(); piece++) {
        int offset = Math.toIntExact(map.map().layout().offset(piece));
        int length = map.map().layout().length(piece);
        blob.write(piece, new ByteBuffer[] {ByteBuffer.wrap(content, offset, length)});
      }
    }
  }

  /** Says of pieces that they are here although the file has zeros there. */
  synchronized void pretend(SignedPieceMap map, int from, int to) throws IOException {
    try (StoredBlob _ = open(map)) {
      Blob blob = blobs.get(map.map().digest());
      if (blob != null) {
        blob.held.set(from, to);
        if (blob.file.size() < map.map().layout().size()) {
          blob.file.write(ByteBuffer.allocate(1), map.map().layout().size() - 1);
        }
      }
    }
  }

  synchronized int openClaims() {
    return openClaims;
  }

  @Override
  public synchronized void close() throws IOException {
    for (Blob blob : blobs.values()) {
      blob.file.close();
    }
  }

  private final class Claim implements StoredBlob {
    private final Blob blob;
    private final AtomicBoolean closed = new AtomicBoolean();

    Claim(Blob blob) {
      this.blob = blob;
    }

    @Override
    public PieceMap map() {
      return blob.map;
    }

    @Override
    public Optional<SignedPieceMap> signedMap() {
      return Optional.ofNullable(blob.signed);
    }

    @Override
    public boolean has(int piece) {
      synchronized (TempFileStore.this) {
        return blob.held.get(piece);
      }
    }

    @Override
    public BitSet held() {
      synchronized (TempFileStore.this) {
        return (BitSet) blob.held.clone();
      }
    }

    @Override
    public boolean complete() {
      return held().cardinality() == blob.map.layout().count();
    }

    @Override
    public void write(int piece, ByteBuffer[] bytes) throws IOException {
      checkOpen();
      synchronized (TempFileStore.this) {
        if (--writesUntilFull < 0) {
          throw new StoreFullException("the disk is full");
        }
      }
      long at = blob.map.layout().offset(piece);
      for (ByteBuffer buffer : bytes) {
        while (buffer.hasRemaining()) {
          at += blob.file.write(buffer, at);
        }
      }
      if (at != blob.map.layout().offset(piece) + blob.map.layout().length(piece)) {
        throw new IllegalArgumentException("not exactly the piece");
      }
      synchronized (TempFileStore.this) {
        blob.held.set(piece);
      }
    }

    @Override
    public FileChannel file() {
      checkOpen();
      return blob.file;
    }

    private void checkOpen() {
      if (closed.get()) {
        throw new UncheckedIOException(new IOException("the claim is closed"));
      }
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        synchronized (TempFileStore.this) {
          openClaims--;
        }
      }
    }
  }
}
