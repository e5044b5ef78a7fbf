package dev.longshore.layer.span;

/** What an inflater has to know before it begins a span. */
public sealed interface Restart {

  /** The span begins a gzip member, a zstd frame, or is not compressed: nothing. */
  record Fresh() implements Restart {}

  /**
   * The span begins a deflate block within a gzip member (RFC 1951).
   *
   * @param bits 0 to 7: how many bits of the byte before the span belong to it, the highest ones
   * @param window the output before the span that its references may reach
   */
  record Midway(int bits, Window window) implements Restart {}
}
