package dev.longshore.origin.registry;

import dev.longshore.oci.Digest;
import dev.longshore.origin.store.BlobReader;
import dev.longshore.origin.store.BlobWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** A hash that can be looked at before its end, copied, and taken again from an object. */
final class RunningDigest {
  private static final int READ_BYTES = 1 << 20;

  private final Digest.Algorithm algorithm;
  private final MessageDigest hasher;
  private long length;

  RunningDigest(Digest.Algorithm algorithm) {
    this(algorithm, algorithm.newHasher(), 0);
  }

  private RunningDigest(Digest.Algorithm algorithm, MessageDigest hasher, long length) {
    this.algorithm = algorithm;
    this.hasher = hasher;
    this.length = length;
  }

  /** Hashes everything that was written so far. */
  static RunningDigest of(Digest.Algorithm algorithm, BlobWriter object) throws IOException {
    RunningDigest hash = new RunningDigest(algorithm);
    try (BlobReader in = object.read()) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
      while (hash.length < object.length()) {
        buffer.clear().limit((int) Math.min(READ_BYTES, object.length() - hash.length));
        in.read(hash.length, buffer);
        hash.update(buffer.flip());
      }
    }
    return hash;
  }

  Digest.Algorithm algorithm() {
    return algorithm;
  }

  /** Bytes hashed so far. */
  long length() {
    return length;
  }

  void update(ByteBuffer bytes) {
    length += bytes.remaining();
    hasher.update(bytes);
  }

  /** The digest of the bytes so far; more may follow. */
  Digest value() {
    return Digest.of(algorithm, cloneHasher().digest());
  }

  RunningDigest copy() {
    return new RunningDigest(algorithm, cloneHasher(), length);
  }

  private MessageDigest cloneHasher() {
    try {
      return (MessageDigest) hasher.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("the JDK's SHA-2 can be cloned", e);
    }
  }
}
