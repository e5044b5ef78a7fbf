package dev.longshore.oci;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Passes a blob through and fails at its end when size or digest are wrong.
 *
 * <p>Nothing read from it may be trusted before {@code read} has returned -1. Not safe for several
 * threads.
 */
public final class VerifyingInputStream extends FilterInputStream {
  private final Digest expected;
  private final long size;
  private final MessageDigest hasher;
  private long seen;
  private boolean verified;

  /**
   * @param in the blob from its first byte; closed with this
   * @param expected its digest
   * @param size its size in bytes; reading past it fails at once
   */
  public VerifyingInputStream(InputStream in, Digest expected, long size) {
    super(in);
    this.expected = expected;
    this.size = size;
    this.hasher = expected.algorithm().newHasher();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    if (count < 0) {
      verify();
      return -1;
    }
    seen += count;
    if (seen > size) {
      throw new IOException(
          "blob " + expected + ": expected " + size + " bytes, found more; refused");
    }
    hasher.update(buffer, offset, count);
    return count;
  }

  private void verify() throws IOException {
    if (verified) {
      return;
    }
    if (seen != size) {
      throw new EOFException(
          "blob " + expected + ": expected " + size + " bytes, found " + seen + "; truncated");
    }
    Digest found = Digest.of(expected.algorithm(), hasher.digest());
    if (!found.equals(expected)) {
      throw new DigestMismatchException("blob", expected, found);
    }
    verified = true;
  }

  /** Skips by reading, since every byte has to be hashed. */
  @Override
  public long skip(long count) throws IOException {
    byte[] scratch = new byte[8192];
    long skipped = 0;
    while (skipped < count) {
      int read = read(scratch, 0, (int) Math.min(scratch.length, count - skipped));
      if (read < 0) {
        break;
      }
      skipped += read;
    }
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
