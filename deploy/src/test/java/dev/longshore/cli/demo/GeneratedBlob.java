package dev.longshore.cli.demo;

import dev.longshore.oci.Digest;
import dev.longshore.oci.client.BlobSource;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A blob of any size that is nowhere stored: zeros, and in every 64 KiB block its own number. */
public record GeneratedBlob(long size) implements BlobSource {
  private static final int BLOCK = 64 << 10;
  private static final Map<Long, Digest> DIGESTS = new ConcurrentHashMap<>();

  public GeneratedBlob {
    if (size % BLOCK != 0) {
      throw new IllegalArgumentException("a whole number of blocks of " + BLOCK + ", not " + size);
    }
  }

  /** Computed once a size. */
  public Digest digest() {
    return DIGESTS.computeIfAbsent(size, _ -> hash());
  }

  private Digest hash() {
    MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
    byte[] block = new byte[BLOCK];
    for (long number = 0; number < size / BLOCK; number++) {
      ByteBuffer.wrap(block).putLong(number + 1);
      hasher.update(block);
    }
    return Digest.of(Digest.Algorithm.SHA256, hasher.digest());
  }

  @Override
  public InputStream open(long offset) {
    return new Generator(offset);
  }

  private final class Generator extends InputStream {
    private final byte[] block = new byte[BLOCK];
    private long at;

    Generator(long offset) {
      at = offset;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int most) {
      if (at == size) {
        return -1;
      }
      int inBlock = (int) (at % BLOCK);
      ByteBuffer.wrap(block).putLong(at / BLOCK + 1);
      int count = Math.min(most, BLOCK - inBlock);
      System.arraycopy(block, inBlock, into, from, count);
      at += count;
      return count;
    }
  }
}
