package dev.longshore.cli.progress;

import java.util.Optional;

/**
 * How far a transfer is.
 *
 * @param total bytes in all
 * @param done bytes that are here, whenever they came
 * @param received bytes that came in this run
 * @param nanos since this run began
 * @param bytesPerSecond lately
 * @param origins where the received bytes came from; empty when nobody tells
 */
record ProgressSnapshot(
    long total,
    long done,
    long received,
    long nanos,
    double bytesPerSecond,
    Optional<ByteOrigins> origins) {

  /** Seconds until all is here at this rate; empty while there is no telling. */
  Optional<Long> secondsLeft() {
    if (done >= total) {
      return Optional.of(0L);
    }
    return bytesPerSecond < 1
        ? Optional.empty()
        : Optional.of((long) Math.ceil((total - done) / bytesPerSecond));
  }

  /** Over this whole run. */
  double averageBytesPerSecond() {
    return received / Math.max(1e-3, nanos / 1e9);
  }

  double seconds() {
    return nanos / 1e9;
  }

  int percent() {
    return total == 0 ? 100 : (int) (100 * done / total);
  }
}
