package dev.longshore.layer.span;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a layer is compressed. The code is ours and never changes. */
public enum Compression {
  NONE(0),
  GZIP(1),
  ZSTD(2);

  /** How many bytes {@link #detect} looks at. */
  public static final int DETECT_BYTES = 8;

  private static final int GZIP_MAGIC = 0x08_8b_1f;

  private final int code;

  Compression(int code) {
    this.code = code;
  }

  /** One byte that stands for this compression in a layer index. */
  public int code() {
    return code;
  }

  /**
   * The compression that a blob shows by how it begins, whatever its media type; as containerd has
   * it ({@code archive/compression}), what shows none has none, an empty blob for one.
   *
   * @param first the blob's first {@link #DETECT_BYTES}, or all of it; not changed
   */
  public static Compression detect(ByteBuffer first) {
    ByteBuffer bytes = first.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() >= 3
        && ((bytes.getShort(0) & 0xffff) | (bytes.get(2) & 0xff) << 16) == GZIP_MAGIC) {
      return GZIP;
    }
    if (bytes.remaining() >= Integer.BYTES && bytes.getInt(0) == ZstdFrame.MAGIC) {
      return ZSTD;
    }
    if (bytes.remaining() >= DETECT_BYTES && ZstdFrame.isSkippable(bytes.getInt(0))) {
      return ZSTD;
    }
    return NONE;
  }
}
