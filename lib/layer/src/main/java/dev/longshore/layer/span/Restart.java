package dev.longshore.layer.span;

/** What an inflater has to know before it begins a span. */
public sealed interface Restart {

  /** Nothing, as every {@link Fresh} is. */
  Restart FRESH = new Fresh();

  /** How many of the highest bits of the byte before the span belong to it, 0 to 7. */
  int bits();

  /** The span begins a gzip member, a zstd frame, or is not compressed: nothing. */
  record Fresh() implements Restart {
    @Override
    public int bits() {
      return 0;
    }
  }

  /**
   * The span begins a deflate block within a gzip member, and not the first one (RFC 1951).
   *
   * @param bits 0 to 7: how many of the highest bits of the byte before the span belong to it
   * @param window the output before the span that its references reach; may be shorter than what
   *     there is, down to nothing, if they reach no farther back
   */
  record Midway(int bits, Window window) implements Restart {
    public Midway {
      if (bits < 0 || bits >= Byte.SIZE) {
        throw new IllegalArgumentException("bits of one byte are 0 to 7, found " + bits);
      }
    }
  }
}
