package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.discovery.PieceMapDirectory;
import dev.longshore.swarm.source.BlobAtSource;
import dev.longshore.swarm.source.RefusedPieceMapException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the signed map of a blob: asks the directory, then the source, and at last announces that
 * the blob is wanted and waits for a seeder to make one.
 */
public final class MapFinder {
  private static final Logger log = LoggerFactory.getLogger(MapFinder.class);

  /** For an answer that should come at once. */
  private static final Duration ANSWER = Duration.ofSeconds(2);

  /** What a seeder is trusted to pull from a foreign registry; longer waits would not pay. */
  private static final long SEEDER_BYTES_PER_SECOND = 25_000_000;

  private final PieceMapDirectory directory;
  private final PeerSource peers;
  private final Duration mostWait;
  private final BlobMetrics metrics;

  /**
   * A finder.
   *
   * @param mostWait longest wait for a seeder; zero when there is none to wait for
   */
  public MapFinder(
      PieceMapDirectory directory, PeerSource peers, Duration mostWait, BlobMetrics metrics) {
    this.directory = directory;
    this.peers = peers;
    this.mostWait = mostWait;
    this.metrics = metrics;
  }

  /** The map, empty when the source must be read without one. */
  Optional<SignedPieceMap> find(BlobAtSource blob) throws InterruptedException {
    Optional<SignedPieceMap> known = known(blob.digest());
    if (known.isPresent()) {
      return known;
    }
    Optional<SignedPieceMap> atSource = askSource(blob);
    atSource.ifPresent(directory::publish);
    return atSource.isPresent() || mostWait.isZero() ? atSource : waitForSeeder(blob);
  }

  /** The map, if the directory has it now. */
  Optional<SignedPieceMap> known(Digest digest) throws InterruptedException {
    return ask(digest, Duration.ZERO);
  }

  private Optional<SignedPieceMap> askSource(BlobAtSource blob) {
    try {
      return blob.pieces();
    } catch (RefusedPieceMapException e) {
      metrics.mapRefused();
      log.warn("{}: reading the blob without it", e.getMessage());
      return Optional.empty();
    } catch (IOException e) {
      // Without a map the blob can still be had; reading it will tell what is wrong, if anything.
      log.debug("no piece map of {} at {}: {}", blob.digest(), blob.source(), e.getMessage());
      return Optional.empty();
    }
  }

  /** A seeder that takes the blob up joins at once; nobody waits long for one that is not there. */
  private Optional<SignedPieceMap> waitForSeeder(BlobAtSource blob) throws InterruptedException {
    Duration worth = ANSWER.plusMillis(blob.size() / (SEEDER_BYTES_PER_SECOND / 1000));
    Duration wait = worth.compareTo(mostWait) < 0 ? worth : mostWait;
    CompletableFuture<Boolean> seederCame = new CompletableFuture<>();
    // Joining without telling any progress says that no map is known yet.
    PeerSource.Registration wanted =
        peers.join(
            blob.digest(),
            blob.size(),
            blob.source(),
            peer -> {
              if (peer.role() == PeerRole.SEEDER) {
                seederCame.complete(true);
              }
            });
    try {
      CompletableFuture<Optional<SignedPieceMap>> map = directory.find(blob.digest(), wait);
      var either = CompletableFuture.anyOf(map, seederCame);
      try {
        var _ = either.get(Math.min(ANSWER.toMillis(), wait.toMillis()), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.debug("no seeder takes up {}", blob.digest(), e);
        return Optional.empty();
      }
      return await(blob.digest(), map, wait);
    } finally {
      wanted.close();
    }
  }

  private Optional<SignedPieceMap> ask(Digest digest, Duration wait) throws InterruptedException {
    return await(digest, directory.find(digest, wait), wait);
  }

  private static Optional<SignedPieceMap> await(
      Digest digest, CompletableFuture<Optional<SignedPieceMap>> map, Duration wait)
      throws InterruptedException {
    try {
      return map.get(wait.plus(ANSWER).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.warn("cannot ask for the piece map of {}: {}", digest, e.getCause(), e);
      return Optional.empty();
    } catch (TimeoutException e) {
      log.debug("no answer about the piece map of {} in {}", digest, wait);
      return Optional.empty();
    }
  }
}
