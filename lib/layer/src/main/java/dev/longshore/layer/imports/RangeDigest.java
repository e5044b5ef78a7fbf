package dev.longshore.layer.imports;

import dev.longshore.oci.Digest;

/**
 * What the bytes of a range hash to.
 *
 * @param of what the range is a range of
 * @param offset of its first byte
 * @param length bytes, at least 1
 * @param digest of these bytes
 */
public record RangeDigest(Of of, long offset, long length, Digest digest) {

  /** What a range is a range of. */
  public enum Of {
    /** The layer as it is fetched: SOCI has digests of compressed spans. */
    BLOB,
    /** The stream of the index: eStargz and zstd:chunked have digests of what files hold. */
    STREAM
  }
}
