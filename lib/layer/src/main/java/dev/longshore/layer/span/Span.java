package dev.longshore.layer.span;

import dev.longshore.oci.Digest;

/**
 * A range of a compressed layer that can be inflated on its own.
 *
 * <p>The output of a layer's spans is its tar stream, in order and without a gap. Their ranges of
 * the blob are in order too and do not overlap, but for the one byte that {@link #inputOffset} may
 * add; between two of them, before the first and after the last may be bytes without output, such
 * as zstd's skippable frames.
 *
 * @param blobOffset of its first whole byte in the compressed layer
 * @param blobLength compressed bytes from there, at least 1, up to the last one that has a bit of
 *     it
 * @param streamOffset of its output in the tar stream
 * @param streamLength bytes of output, at least 1
 * @param restart what to know before it is inflated
 * @param digest SHA-256 of its output
 */
public record Span(
    long blobOffset,
    long blobLength,
    long streamOffset,
    long streamLength,
    Restart restart,
    Digest digest) {

  public Span {
    if (blobOffset < 0
        || blobLength < 1
        || streamOffset < 0
        || streamLength < 1
        || Long.MAX_VALUE - blobOffset < blobLength
        || Long.MAX_VALUE - streamOffset < streamLength
        || (blobOffset == 0 && restart.bits() > 0)) {
      throw new IllegalArgumentException(
          "not a span: %d bytes at %d of the blob, %d bytes at %d of the stream, %s"
              .formatted(blobLength, blobOffset, streamLength, streamOffset, restart));
    }
  }

  /**
   * Where the bytes begin that it is inflated from: {@link #blobOffset}, or the byte before if some
   * bits of that belong to it.
   */
  public long inputOffset() {
    return restart.bits() == 0 ? blobOffset : blobOffset - 1;
  }

  /** How many bytes it is inflated from, beginning at {@link #inputOffset}. */
  public long inputLength() {
    return blobOffset + blobLength - inputOffset();
  }

  /** Where it lies in blob and stream, for messages. */
  @Override
  public String toString() {
    return "span of %d bytes at %d of the stream, from %d bytes at %d of the blob (%s), %s"
        .formatted(streamLength, streamOffset, blobLength, blobOffset, restart, digest);
  }
}
