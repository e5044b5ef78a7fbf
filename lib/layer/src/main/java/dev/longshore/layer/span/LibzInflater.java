package dev.longshore.layer.span;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/** Inflates with the zlib of the system. */
final class LibzInflater extends RawInflater {

  // struct z_stream_s (zlib.h) where pointers and longs have eight bytes.
  private static final long NEXT_IN = 0;
  private static final long AVAIL_IN = 8;
  private static final long NEXT_OUT = 24;
  private static final long AVAIL_OUT = 32;
  private static final long MSG = 48;
  private static final long DATA_TYPE = 88;
  private static final int STREAM_BYTES = 112;

  /** Deflate data without a wrapper, with a window of 32 KiB. */
  private static final int RAW = -15;

  // What inflate leaves in data_type: bits that are not used, and two flags.
  private static final int BITS = 7;
  private static final int LAST_BLOCK = 64;
  private static final int BETWEEN_BLOCKS = 128;

  /** Enough for any message of zlib. */
  private static final int MESSAGE_BYTES = 80;

  private final Libz libz = Libz.loaded();
  private final Arena arena;
  private final MemorySegment stream;
  private final MemorySegment inputBytes;
  private final MemorySegment outputBytes;
  private final MemorySegment length;
  private final ByteBuffer output;
  private boolean closed;

  LibzInflater() {
    this(Arena.ofShared());
  }

  private LibzInflater(Arena arena) {
    MemorySegment inputBytes = arena.allocate(INPUT_BYTES);
    super(inputBytes.asByteBuffer());
    this.arena = arena;
    this.inputBytes = inputBytes;
    stream = arena.allocate(STREAM_BYTES, Long.BYTES);
    outputBytes = arena.allocate(OUTPUT_BYTES);
    length = arena.allocate(JAVA_INT);
    output = outputBytes.asByteBuffer();
    int result;
    try {
      result = (int) libz.inflateInit2.invokeExact(stream, RAW, libz.version, STREAM_BYTES);
    } catch (Throwable e) {
      throw failed("inflateInit2", e);
    }
    if (result != Libz.Z_OK) {
      arena.close();
    }
    require(result, "inflateInit2");
  }

  @Override
  void begin() {
    int result;
    try {
      result = (int) libz.inflateReset.invokeExact(stream);
    } catch (Throwable e) {
      throw failed("inflateReset", e);
    }
    require(result, "inflateReset");
  }

  @Override
  void resume(int bits, int lastByte, byte[] window) {
    begin();
    int result = Libz.Z_OK;
    try {
      if (bits > 0) {
        int value = (lastByte & 0xff) >>> (Byte.SIZE - bits);
        result = (int) libz.inflatePrime.invokeExact(stream, bits, value);
      }
      if (result == Libz.Z_OK && window.length > 0) {
        MemorySegment array = MemorySegment.ofArray(window);
        result = (int) libz.inflateSetDictionary.invokeExact(stream, array, window.length);
      }
    } catch (Throwable e) {
      throw failed("inflatePrime", e);
    }
    require(result, "inflatePrime or inflateSetDictionary");
  }

  @Override
  Stop run(int most) throws DataFormatException {
    int room = Math.min(most, OUTPUT_BYTES);
    stream.set(JAVA_LONG, NEXT_OUT, outputBytes.address());
    stream.set(JAVA_INT, AVAIL_OUT, room);
    try {
      while (true) {
        stream.set(JAVA_LONG, NEXT_IN, inputBytes.address() + start);
        stream.set(JAVA_INT, AVAIL_IN, end - start);
        int result = inflate();
        start = end - stream.get(JAVA_INT, AVAIL_IN);
        if (result == Libz.Z_STREAM_END) {
          return Stop.STREAM_ENDED;
        }
        if (result != Libz.Z_OK && result != Libz.Z_BUF_ERROR) {
          throw new DataFormatException(message(result));
        }
        int type = stream.get(JAVA_INT, DATA_TYPE);
        if ((type & (BETWEEN_BLOCKS | LAST_BLOCK)) == BETWEEN_BLOCKS) {
          return Stop.BLOCK_ENDED;
        }
        if ((type & BETWEEN_BLOCKS) == 0) {
          return stream.get(JAVA_INT, AVAIL_OUT) == 0 ? Stop.OUTPUT_FULL : Stop.NEEDS_INPUT;
        }
      }
    } finally {
      output.limit(room - stream.get(JAVA_INT, AVAIL_OUT)).position(0);
    }
  }

  private int inflate() {
    try {
      return (int) libz.inflate.invokeExact(stream, Libz.Z_BLOCK);
    } catch (Throwable e) {
      throw failed("inflate", e);
    }
  }

  @SuppressWarnings("restricted") // A string of zlib's own, which is shorter than that.
  private String message(int result) {
    MemorySegment text = stream.get(ADDRESS, MSG);
    return text.equals(MemorySegment.NULL)
        ? "zlib's error " + result
        : text.reinterpret(MESSAGE_BYTES).getString(0);
  }

  @Override
  ByteBuffer output() {
    return output;
  }

  @Override
  int unusedBits() {
    return stream.get(JAVA_INT, DATA_TYPE) & BITS;
  }

  @Override
  int copyWindow(byte[] into) {
    int result;
    try {
      MemorySegment array = MemorySegment.ofArray(into);
      result = (int) libz.inflateGetDictionary.invokeExact(stream, array, length);
    } catch (Throwable e) {
      throw failed("inflateGetDictionary", e);
    }
    require(result, "inflateGetDictionary");
    return length.get(JAVA_INT, 0);
  }

  private static void require(int result, String function) {
    if (result != Libz.Z_OK) {
      throw new IllegalStateException(function + " of zlib failed with " + result);
    }
  }

  private static AssertionError failed(String function, Throwable e) {
    return new AssertionError(function + " throws nothing", e);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      int ignored = (int) libz.inflateEnd.invokeExact(stream);
    } catch (Throwable e) {
      throw failed("inflateEnd", e);
    } finally {
      arena.close();
    }
  }
}
