package dev.longshore.layer.span;

/** How a layer is compressed. The code is ours and never changes. */
public enum Compression {
  NONE(0),
  GZIP(1),
  ZSTD(2);

  private final int code;

  Compression(int code) {
    this.code = code;
  }

  /** One byte that stands for this compression in a layer index. */
  public int code() {
    return code;
  }
}
