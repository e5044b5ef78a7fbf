package dev.longshore.layer.span;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Streams and what they are compressed to, the same for the same seed. */
final class TestBlobs {

  /** One of each way to compress; what they make of a stream has a name for messages. */
  enum Shape {
    PLAIN(Compression.NONE),
    GZIP_1(Compression.GZIP),
    GZIP_6(Compression.GZIP),
    GZIP_9(Compression.GZIP),
    GZIP_STORED(Compression.GZIP),
    GZIP_HUFFMAN_ONLY(Compression.GZIP),
    GZIP_FLUSHED(Compression.GZIP),
    GZIP_SMALL_MEMBERS(Compression.GZIP),
    GZIP_MEMBERS_AND_EMPTY_ONES(Compression.GZIP),
    ZSTD_ONE_FRAME(Compression.ZSTD),
    ZSTD_SMALL_FRAMES(Compression.ZSTD),
    ZSTD_FRAMES_AND_SKIPPABLE_ONES(Compression.ZSTD);

    final Compression compression;

    Shape(Compression compression) {
      this.compression = compression;
    }

    byte[] compress(byte[] stream) {
      return switch (this) {
        case PLAIN -> stream.clone();
        case GZIP_1 -> member(stream, 1);
        case GZIP_6 -> member(stream, 6);
        case GZIP_9 -> member(stream, 9);
        case GZIP_STORED -> member(stream, 0);
        case GZIP_HUFFMAN_ONLY ->
            member(stream, deflate(stream, 6, Deflater.HUFFMAN_ONLY, stream.length), 0);
        case GZIP_FLUSHED ->
            member(stream, deflate(stream, 6, Deflater.DEFAULT_STRATEGY, 10_000), 0);
        case GZIP_SMALL_MEMBERS -> parts(stream, 7_000, part -> member(part, 6));
        case GZIP_MEMBERS_AND_EMPTY_ONES ->
            parts(
                stream,
                150_000,
                part ->
                    concat(member(new byte[0], 6), member(part, 9), member(new byte[0], 1, 0xff)));
        case ZSTD_ONE_FRAME -> Zstd.compress(stream, 3);
        case ZSTD_SMALL_FRAMES -> parts(stream, 7_000, part -> Zstd.compress(part, 3));
        case ZSTD_FRAMES_AND_SKIPPABLE_ONES ->
            concat(
                skippable(9),
                parts(
                    stream,
                    150_000,
                    part -> concat(Zstd.compress(part, 3), Zstd.compress(new byte[0]))),
                skippable(200_000));
      };
    }
  }

  private interface Part {
    byte[] compress(byte[] part);
  }

  private TestBlobs() {}

  /** Somewhat like a layer: words, runs, noise, and what was there long before. */
  static byte[] stream(long seed, int bytes) {
    Random random = new Random(seed);
    byte[] stream = new byte[bytes];
    int at = 0;
    while (at < bytes) {
      int length = Math.min(bytes - at, 1 + random.nextInt(400));
      switch (random.nextInt(5)) {
        case 0 -> Arrays.fill(stream, at, at + length, (byte) random.nextInt(3));
        case 1 -> {
          for (int i = at; i < at + length; i++) {
            stream[i] = (byte) random.nextInt(256);
          }
        }
        case 2 -> {
          for (int i = at; i < at + length; i++) {
            stream[i] = (byte) ('a' + Math.abs(random.nextGaussian()) * 5);
          }
        }
        default -> {
          int from = at == 0 ? 0 : at - 1 - random.nextInt(Math.min(at, 40_000));
          for (int i = 0; i < length; i++) {
            stream[at + i] = stream[from + i];
          }
        }
      }
      at += length;
    }
    return stream;
  }

  static byte[] member(byte[] stream, int level) {
    return member(stream, level, 0);
  }

  /** A gzip member whose header has what the flags say (RFC 1952, section 2.3.1). */
  static byte[] member(byte[] stream, int level, int flags) {
    return member(stream, deflate(stream, level, Deflater.DEFAULT_STRATEGY, stream.length), flags);
  }

  private static byte[] member(byte[] stream, byte[] deflated, int flags) {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    member.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
    if ((flags & 4) != 0) {
      member.writeBytes(new byte[] {5, 0, 'x', 0, 'y', 0, 'z'});
    }
    if ((flags & 8) != 0) {
      member.writeBytes(new byte[] {'n', 'a', 'm', 'e', 0});
    }
    if ((flags & 16) != 0) {
      member.writeBytes(new byte[] {'c', 0});
    }
    if ((flags & 2) != 0) {
      int crc = crc(member.toByteArray());
      member.write(crc);
      member.write(crc >>> 8);
    }
    member.writeBytes(deflated);
    member.writeBytes(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(crc(stream))
            .putInt(stream.length)
            .array());
    return member.toByteArray();
  }

  /** Raw deflate data, flushed to a byte every so many bytes. */
  static byte[] deflate(byte[] stream, int level, int strategy, int flushEvery) {
    try (Deflater deflater = new Deflater(level, true)) {
      deflater.setStrategy(strategy);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int at = 0; at < stream.length; at += flushEvery) {
        deflater.setInput(stream, at, Math.min(flushEvery, stream.length - at));
        int flush = flushEvery < stream.length ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
        for (int n; (n = deflater.deflate(buffer, 0, buffer.length, flush)) > 0; ) {
          out.write(buffer, 0, n);
        }
      }
      deflater.finish();
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }

  static byte[] skippable(int bytes) {
    return ByteBuffer.allocate(8 + bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(0x184d2a57)
        .putInt(bytes)
        .array();
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] parts(byte[] stream, int size, Part compressor) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < stream.length; at += size) {
      byte[] part = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + size));
      all.writeBytes(compressor.compress(part));
    }
    return all.toByteArray();
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
