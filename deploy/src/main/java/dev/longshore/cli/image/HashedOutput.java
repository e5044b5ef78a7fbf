package dev.longshore.cli.image;

import dev.longshore.oci.Digest;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Counts and hashes (SHA-256) what passes through it. */
final class HashedOutput extends FilterOutputStream {
  private final MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
  private long size;

  HashedOutput(OutputStream out) {
    super(out);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    hasher.update(bytes, offset, length);
    size += length;
  }

  /** The digest of everything written; ask once, after the last byte. */
  Digest digest() {
    return Digest.of(Digest.Algorithm.SHA256, hasher.digest());
  }

  long size() {
    return size;
  }
}
