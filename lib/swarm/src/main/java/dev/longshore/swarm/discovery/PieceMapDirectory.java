package dev.longshore.swarm.discovery;

import dev.longshore.oci.Digest;
import dev.longshore.piece.SignedPieceMap;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where signed piece maps are looked up and handed on. Thread-safe. */
public interface PieceMapDirectory {

  /**
   * The map of a blob; its signature has been checked.
   *
   * @param wait how long the answer may wait for somebody to publish it; then it is empty
   */
  CompletableFuture<Optional<SignedPieceMap>> find(Digest blob, Duration wait);

  /** Makes a map known to the others. */
  void publish(SignedPieceMap map);
}
