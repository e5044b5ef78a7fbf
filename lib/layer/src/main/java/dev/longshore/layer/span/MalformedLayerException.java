package dev.longshore.layer.span;

import java.io.IOException;

/** A compressed layer, or a span of one, is not what it has to be. */
public final class MalformedLayerException extends IOException {
  private static final long serialVersionUID = 1;

  private final long blobOffset;

  /**
   * Says what is wrong and where.
   *
   * @param blobOffset of the compressed layer, about where it was found
   */
  public MalformedLayerException(long blobOffset, String expected, String found) {
    super(
        "malformed layer at offset %d of the blob: expected %s, found %s"
            .formatted(blobOffset, expected, found));
    this.blobOffset = blobOffset;
  }

  private MalformedLayerException(Span span, MalformedLayerException cause) {
    super("cannot inflate " + span + ": " + cause.getMessage(), cause);
    this.blobOffset = cause.blobOffset;
  }

  /** The same, met while this span was read. */
  MalformedLayerException in(Span span) {
    return new MalformedLayerException(span, this);
  }

  /** Offset in the compressed layer, bytes; about where it was found. */
  public long blobOffset() {
    return blobOffset;
  }
}
