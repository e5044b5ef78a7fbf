package dev.longshore.layer.index;

/** A layer that cannot have an index, and why: it is to be unpacked as ever. */
public final class UnindexedLayerException extends Exception {
  UnindexedLayerException(String reason, Throwable cause) {
    super(reason, cause);
  }

  UnindexedLayerException(String reason) {
    super(reason);
  }
}
