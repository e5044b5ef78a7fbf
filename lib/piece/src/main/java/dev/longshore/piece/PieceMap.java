package dev.longshore.piece;

import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The hash of every piece of one blob.
 *
 * <p>Binary form, all integers big-endian, the bytes that {@link SignedPieceMap} signs:
 *
 * <pre>
 * magic          4  "LSPM"
 * version        1  1
 * hash algorithm 1  1 = SHA-256 (the field leaves room for a tree hash)
 * digest         1 + n  {@link Digest.Algorithm#wireCode()}, raw hash
 * size           8
 * piece size     4
 * hashes         32 × pieces
 * </pre>
 */
public final class PieceMap {

  /** Bytes in a piece hash (SHA-256). */
  public static final int HASH_BYTES = 32;

  private static final int MAGIC = 0x4c53504d; // "LSPM"
  private static final byte VERSION = 1;
  private static final byte HASH_SHA256 = 1;

  private final Digest digest;
  private final PieceLayout layout;
  private final byte[] hashes;

  /**
   * A map from its parts.
   *
   * @param hashes {@link #HASH_BYTES} bytes a piece, in order; not copied
   */
  PieceMap(Digest digest, PieceLayout layout, byte[] hashes) {
    if (hashes.length != (long) layout.count() * HASH_BYTES) {
      throw new IllegalArgumentException(
          layout.count()
              + " pieces want "
              + layout.count()
              + " hashes, found "
              + hashes.length
              + " bytes");
    }
    this.digest = digest;
    this.layout = layout;
    this.hashes = hashes;
  }

  /** The blob. */
  public Digest digest() {
    return digest;
  }

  /** How it is cut. */
  public PieceLayout layout() {
    return layout;
  }

  /** Whether a hash is the one of this piece; {@code hash} is {@link #HASH_BYTES} long. */
  public boolean matches(int piece, byte[] hash) {
    int from = Math.multiplyExact(piece, HASH_BYTES);
    return Arrays.equals(hashes, from, from + HASH_BYTES, hash, 0, hash.length);
  }

  /** The hash of a piece, a copy. */
  public byte[] hash(int piece) {
    int from = Math.multiplyExact(piece, HASH_BYTES);
    return Arrays.copyOfRange(hashes, from, from + HASH_BYTES);
  }

  /** A hasher of the kind this map uses. */
  public static MessageDigest newHasher() {
    return Digest.Algorithm.SHA256.newHasher();
  }

  /** The binary form. */
  public byte[] encode() {
    byte[] raw = digest.hash();
    ByteBuffer out = ByteBuffer.allocate(4 + 1 + 1 + 1 + raw.length + 8 + 4 + hashes.length);
    out.putInt(MAGIC).put(VERSION).put(HASH_SHA256);
    out.put((byte) digest.algorithm().wireCode()).put(raw);
    out.putLong(layout.size()).putInt(layout.pieceSize()).put(hashes);
    return out.array();
  }

  /**
   * Reads the binary form, which must end where the map ends.
   *
   * @throws MalformedPieceMapException if it is not a map, or one of another version
   */
  public static PieceMap decode(byte[] encoded) throws MalformedPieceMapException {
    ByteBuffer in = ByteBuffer.wrap(encoded);
    try {
      expect("magic", MAGIC, in.getInt());
      expect("version", VERSION, in.get());
      expect("hash algorithm", HASH_SHA256, in.get());
      int code = in.get();
      Digest.Algorithm algorithm =
          Digest.Algorithm.ofWireCode(code)
              .orElseThrow(
                  () -> new MalformedPieceMapException("unknown digest algorithm " + code));
      byte[] raw = new byte[algorithm.bytes()];
      in.get(raw);
      PieceLayout layout = new PieceLayout(in.getLong(), in.getInt());
      long hashBytes = (long) layout.count() * HASH_BYTES;
      if (hashBytes != in.remaining()) {
        throw new MalformedPieceMapException(
            "expected " + hashBytes + " bytes of hashes, found " + in.remaining());
      }
      byte[] hashes = new byte[in.remaining()];
      in.get(hashes);
      return new PieceMap(Digest.of(algorithm, raw), layout, hashes);
    } catch (java.nio.BufferUnderflowException e) {
      throw new MalformedPieceMapException("cut short at byte " + in.position());
    } catch (IllegalArgumentException e) {
      throw new MalformedPieceMapException(String.valueOf(e.getMessage()));
    }
  }

  private static void expect(String field, int expected, int found)
      throws MalformedPieceMapException {
    if (expected != found) {
      throw new MalformedPieceMapException(
          "expected "
              + field
              + " "
              + Integer.toHexString(expected)
              + ", found "
              + Integer.toHexString(found));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PieceMap that
        && digest.equals(that.digest)
        && layout.equals(that.layout)
        && Arrays.equals(hashes, that.hashes);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return "PieceMap[" + digest + ", " + layout + "]";
  }
}
