package dev.longshore.swarm.store;

import dev.longshore.piece.PieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hashes the pieces that an earlier process wrote and did not prove durable. */
final class PieceVerifier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PieceVerifier.class);
  private static final int READ_BYTES = 1 << 20;

  private final BlobDirectory directory;
  private final PieceSync sync;
  private final StoreMetrics metrics;
  private final ExecutorService threads;
  private volatile boolean stopped;

  PieceVerifier(BlobDirectory directory, PieceSync sync, StoreMetrics metrics) {
    this.directory = directory;
    this.sync = sync;
    this.metrics = metrics;
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    this.threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().daemon().name("piece-verifier-", 0).factory());
  }

  /** Verifies the suspects of these blobs, few suspects first; done when all are settled. */
  CompletableFuture<Void> verify(List<KnownBlob> blobs) {
    CompletableFuture<?>[] each =
        blobs.stream()
            .sorted(Comparator.comparingInt((KnownBlob blob) -> blob.suspects().cardinality()))
            .map(blob -> CompletableFuture.runAsync(() -> verifyLogged(blob), threads))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(each).whenComplete((done, failure) -> threads.shutdown());
  }

  private void verifyLogged(KnownBlob blob) {
    try {
      verify(blob);
    } catch (IOException e) {
      if (!blob.isDoomed() && !stopped) {
        log.error("Cannot prove the pieces of {}: they stay unused", blob.digest(), e);
      }
    }
  }

  private void verify(KnownBlob blob) throws IOException {
    PieceMap map = MapFile.read(directory.mapFile(blob.digest()), blob.digest(), null).map();
    BitSet suspects = blob.suspects();
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    MessageDigest hasher = PieceMap.newHasher();
    int right = 0;
    try (FileChannel file =
        FileChannel.open(directory.file(blob.digest()), StandardOpenOption.READ)) {
      for (int piece = suspects.nextSetBit(0);
          piece >= 0 && !stopped;
          piece = suspects.nextSetBit(piece + 1)) {
        boolean matches = map.matches(piece, hash(file, blob, piece, buffer, hasher));
        blob.settle(piece, matches);
        (matches ? metrics.proven : metrics.disproven).increment();
        right += matches ? 1 : 0;
        sync.add(blob);
      }
    }
    log.info("Proved {} of {} doubtful pieces of {}", right, suspects.cardinality(), map.digest());
  }

  private static byte[] hash(
      FileChannel file, KnownBlob blob, int piece, ByteBuffer buffer, MessageDigest hasher)
      throws IOException {
    long at = blob.layout().offset(piece);
    long end = at + blob.layout().length(piece);
    while (at < end) {
      buffer.clear().limit(Math.toIntExact(Math.min(buffer.capacity(), end - at)));
      int read = file.read(buffer, at);
      if (read < 0) {
        break; // shorter than its map says: the hash will not match
      }
      hasher.update(buffer.flip());
      at += read;
    }
    return hasher.digest();
  }

  /** Stops soon; pieces not settled yet stay suspects for the next start. */
  @Override
  public void close() {
    stopped = true;
    threads.shutdown();
    try {
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        log.warn("A piece is still being hashed after 30 s; leaving it behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
