package dev.longshore.piece;

import dev.longshore.oci.Digest;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Says which blob is the layer index of a layer.
 *
 * <p>Binary form, all integers big-endian, the bytes that {@link SignedIndexStatement} signs:
 *
 * <pre>
 * magic    4      "LSIS"
 * version  1      1
 * layer    1 + n  {@link Digest.Algorithm#wireCode()}, raw hash
 * index    1 + n  as above
 * size     8
 * </pre>
 *
 * <p>Signed bytes begin with what they are, here as in a {@link PieceMap}: a signature of one never
 * fits the other.
 *
 * @param layer digest of the layer as it is pulled
 * @param index digest of the blob that is its index
 * @param size bytes of that blob, from 1 to {@link #LARGEST_INDEX}
 */
public record IndexStatement(Digest layer, Digest index, long size) {

  /** Bytes that an index may have: more than is ever met, and what a node can read at once. */
  public static final long LARGEST_INDEX = 64L << 20;

  private static final int MAGIC = 0x4c534953; // "LSIS"
  private static final byte VERSION = 1;

  public IndexStatement {
    if (size < 1 || size > LARGEST_INDEX) {
      throw new IllegalArgumentException(
          "a layer index has from 1 to %d bytes, found %d".formatted(LARGEST_INDEX, size));
    }
  }

  /** The binary form. */
  byte[] encode() {
    byte[] layerHash = layer.hash();
    byte[] indexHash = index.hash();
    return ByteBuffer.allocate(4 + 1 + 1 + layerHash.length + 1 + indexHash.length + 8)
        .putInt(MAGIC)
        .put(VERSION)
        .put((byte) layer.algorithm().wireCode())
        .put(layerHash)
        .put((byte) index.algorithm().wireCode())
        .put(indexHash)
        .putLong(size)
        .array();
  }

  /** Reads the binary form, which must end where the statement ends. */
  static IndexStatement decode(byte[] encoded) throws MalformedStatementException {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    try {
      int magic = in.getInt();
      byte version = in.get();
      if (magic != MAGIC || version != VERSION) {
        throw new MalformedStatementException(
            "expected magic %x and version %d, found %x and %d"
                .formatted(MAGIC, VERSION, magic, version));
      }
      Digest layer = digest(in);
      Digest index = digest(in);
      long size = in.getLong();
      if (in.hasRemaining()) {
        throw new MalformedStatementException(in.remaining() + " bytes too many");
      }
      return new IndexStatement(layer, index, size);
    } catch (BufferUnderflowException e) {
      throw new MalformedStatementException("cut short at byte " + in.position());
    } catch (IllegalArgumentException e) {
      throw new MalformedStatementException(String.valueOf(e.getMessage()));
    }
  }

  private static Digest digest(ByteBuffer in) throws MalformedStatementException {
    int code = in.get();
    Digest.Algorithm algorithm =
        Digest.Algorithm.ofWireCode(code)
            .orElseThrow(() -> new MalformedStatementException("unknown digest algorithm " + code));
    byte[] raw = new byte[algorithm.bytes()];
    in.get(raw);
    return Digest.of(algorithm, raw);
  }
}
