package dev.longshore.swarm;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Names a swarm member for as long as its process lives: 128 random bits, drawn at start.
 *
 * @param high the first 64 bits
 * @param low the last 64 bits
 */
public record PeerId(long high, long low) implements Comparable<PeerId> {

  /** Bytes of the binary form. */
  public static final int BYTES = 16;

  public static PeerId random(RandomGenerator random) {
    return new PeerId(random.nextLong(), random.nextLong());
  }

  /** Parses the 32 hex digits of {@link #toString}. */
  public static PeerId parse(String hex) {
    if (hex.length() != 2 * BYTES) {
      throw new IllegalArgumentException("a peer id is 32 hex digits, found '" + hex + "'");
    }
    return new PeerId(
        HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32));
  }

  /**
   * Unsigned order; the smaller id keeps its outgoing connection when two peers dial each other.
   */
  @Override
  public int compareTo(PeerId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
