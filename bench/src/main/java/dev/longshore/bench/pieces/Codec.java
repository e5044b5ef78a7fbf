package dev.longshore.bench.pieces;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.nio.ByteBuffer;
import java.util.List;
import net.jpountz.lz4.LZ4Factory;

/** A way to compress pieces, in direct buffers. */
interface Codec {
  String name();

  /** Room that any piece of this length needs, compressed. */
  int bound(int length);

  /** Fills {@code into} with {@code from} compressed, and flips it. */
  void compress(ByteBuffer from, ByteBuffer into);

  /** The reverse. */
  void decompress(ByteBuffer from, ByteBuffer into);

  static List<Codec> all() {
    return List.of(new Lz4(), new Zstandard(-5), new Zstandard(1), new Zstandard(3));
  }

  /** LZ4 by its fast compressor, natively. */
  final class Lz4 implements Codec {
    private final LZ4Factory factory = LZ4Factory.fastestInstance();

    @Override
    public String name() {
      return "LZ4";
    }

    @Override
    public int bound(int length) {
      return factory.fastCompressor().maxCompressedLength(length);
    }

    @Override
    public void compress(ByteBuffer from, ByteBuffer into) {
      factory.fastCompressor().compress(from, into.clear());
      into.flip();
    }

    @Override
    public void decompress(ByteBuffer from, ByteBuffer into) {
      factory.safeDecompressor().decompress(from, into.clear());
      into.flip();
    }
  }

  /** zstd at one level. */
  final class Zstandard implements Codec {
    private final int level;
    private final ZstdCompressCtx compressor = new ZstdCompressCtx();
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

    Zstandard(int level) {
      this.level = level;
      compressor.setLevel(level);
    }

    @Override
    public String name() {
      return "zstd " + level;
    }

    @Override
    public int bound(int length) {
      return Math.toIntExact(Zstd.compressBound(length));
    }

    @Override
    public void compress(ByteBuffer from, ByteBuffer into) {
      compressor.compress(into.clear(), from);
      into.flip();
    }

    @Override
    public void decompress(ByteBuffer from, ByteBuffer into) {
      decompressor.decompress(into.clear(), from);
      into.flip();
    }
  }
}
