package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/**
 * Highest-random-weight hashing (Thaler and Ravishankar, 1998): everybody who knows the same names
 * ranks them alike for a blob, and a name that goes away moves only the blobs that were its own.
 */
public final class Rendezvous {
  private Rendezvous() {}

  /** The weight of a name for a blob; compare as unsigned. */
  public static long weight(Digest blob, String name) {
    long hash = 0xcbf29ce484222325L; // FNV-1a, then mixed: names differ in a digit or two
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return mix(mix(hash) ^ ByteBuffer.wrap(blob.hash()).getLong());
  }

  /** The names, the blob's first choice first. */
  public static List<String> rank(Digest blob, List<String> names) {
    Comparator<String> byWeight = (a, b) -> Long.compareUnsigned(weight(blob, b), weight(blob, a));
    return names.stream()
        .distinct()
        .sorted(byWeight.thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014). */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
