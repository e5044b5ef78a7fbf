package dev.longshore.bench.sim;

/** Receives pieces in the order in which they began to come. */
final class Downlink {
  private final double nanosPerByte;
  private long free;

  Downlink(long bytesPerSecond) {
    this.nanosPerByte = 1e9 / bytesPerSecond;
  }

  /**
   * Takes a piece.
   *
   * @param begins when its first byte could be here
   * @param ends when its last byte could be here
   * @return when its last byte is here
   */
  long take(int bytes, long begins, long ends) {
    free = Math.max(free, begins) + Math.round(bytes * nanosPerByte);
    return Math.max(free, ends);
  }
}
