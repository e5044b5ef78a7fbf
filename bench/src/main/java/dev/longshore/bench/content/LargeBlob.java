package dev.longshore.bench.content;

import dev.longshore.oci.Digest;
import dev.longshore.oci.client.BlobSource;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Random;

/** A blob of any size, determined by its seed, that is made while it is read. */
public final class LargeBlob implements BlobSource {
  private static final int BLOCK = 1 << 20;

  private final byte[] block = new byte[BLOCK];
  private final long size;

  public LargeBlob(long size, long seed) {
    this.size = size;
    new Random(seed).nextBytes(block);
  }

  /** Its digest, computed anew. */
  public Digest digest() {
    MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
    ByteBuffer bytes = ByteBuffer.wrap(block);
    for (long at = 0; at < size; at += BLOCK) {
      hasher.update(bytes.clear().limit(Math.toIntExact(Math.min(BLOCK, size - at))));
    }
    return Digest.of(Digest.Algorithm.SHA256, hasher.digest());
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public InputStream open(long offset) {
    return new InputStream() {
      private long at = offset;

      @Override
      public int read() {
        return at == size ? -1 : block[(int) (at++ % BLOCK)] & 0xff;
      }

      @Override
      public int read(byte[] into, int from, int length) {
        if (at == size) {
          return -1;
        }
        int start = (int) (at % BLOCK);
        int count = (int) Math.min(Math.min(length, BLOCK - start), size - at);
        System.arraycopy(block, start, into, from, count);
        at += count;
        return count;
      }
    };
  }
}
