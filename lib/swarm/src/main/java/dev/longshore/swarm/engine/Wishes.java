package dev.longshore.swarm.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which pieces of a blob are wanted: all of them, or, while somebody only reads parts of it, those
 * that readers have still to get.
 */
final class Wishes {

  /**
   * What one reader is to get.
   *
   * @param next the piece that it needs next
   * @param end of the pieces that it needs after that, exclusive
   */
  record Reader(int next, int end) {
    boolean needs(int piece) {
      return piece >= next && piece < end;
    }
  }

  private final Map<Long, Reader> readers = new HashMap<>();
  private boolean everything = true;

  /** From now on all pieces are wanted, or only those of readers. */
  void everything(boolean wanted) {
    everything = wanted;
  }

  boolean everything() {
    return everything;
  }

  /** Returns what this reader was to get before, null if it is new. */
  @Nullable Reader readerAt(long reader, Reader needs) {
    return readers.put(reader, needs);
  }

  /** Returns what this reader was to get, null if there is none. */
  @Nullable Reader readerGone(long reader) {
    return readers.remove(reader);
  }

  Collection<Reader> readers() {
    return readers.values();
  }

  boolean wants(int piece) {
    if (everything) {
      return true;
    }
    for (Reader reader : readers.values()) {
      if (reader.needs(piece)) {
        return true;
      }
    }
    return false;
  }
}
