package dev.longshore.layer.span;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.longshore.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The zlib of the system ({@code zlib.h}), which knows what deflate data are. */
@SuppressWarnings("restricted") // Native code is what this is for.
final class Zlib {

  /** The JDK's own zlib does not let anybody see its blocks. */
  private static final String LIBRARY = "libz.so.1";

  private static final int Z_OK = 0;
  private static final int Z_STREAM_END = 1;
  private static final int Z_BLOCK = 5;

  /** Deflate data without a wrapper, with a window of 32 KiB. */
  private static final int RAW = -15;

  // struct z_stream_s where pointers and longs have eight bytes.
  private static final long NEXT_IN = 0;
  private static final long AVAIL_IN = 8;
  private static final long NEXT_OUT = 24;
  private static final long AVAIL_OUT = 32;
  private static final long DATA_TYPE = 88;
  private static final int STREAM_BYTES = 112;

  // What inflate leaves in data_type beside the number of bits that are not used.
  private static final int BITS = 7;
  private static final int LAST_BLOCK = 64;
  private static final int BETWEEN_BLOCKS = 128;

  private static final int OUTPUT_BYTES = 1 << 16;

  private final MethodHandle inflateInit2;
  private final MethodHandle inflate;
  private final MethodHandle inflateEnd;
  private final MethodHandle inflateGetDictionary;
  private final MethodHandle zlibVersion;

  private Zlib(SymbolLookup library) {
    Linker linker = Linker.nativeLinker();
    inflateInit2 =
        linker.downcallHandle(
            library.findOrThrow("inflateInit2_"), of(ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
    inflate = linker.downcallHandle(library.findOrThrow("inflate"), of(ADDRESS, JAVA_INT));
    inflateEnd = linker.downcallHandle(library.findOrThrow("inflateEnd"), of(ADDRESS));
    inflateGetDictionary =
        linker.downcallHandle(
            library.findOrThrow("inflateGetDictionary"), of(ADDRESS, ADDRESS, ADDRESS));
    zlibVersion =
        linker.downcallHandle(library.findOrThrow("zlibVersion"), FunctionDescriptor.of(ADDRESS));
  }

  private static FunctionDescriptor of(MemoryLayout... arguments) {
    return FunctionDescriptor.of(JAVA_INT, arguments);
  }

  /** The zlib of this system, empty if there is none. */
  static Optional<Zlib> find() {
    try {
      return Optional.of(new Zlib(SymbolLookup.libraryLookup(LIBRARY, Arena.global())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What it makes of raw deflate data. */
  Inflated inflate(byte[] data) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    StringBuilder blocks = new StringBuilder();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream = arena.allocate(STREAM_BYTES, Long.BYTES);
      MemorySegment input = arena.allocate(data.length).copyFrom(MemorySegment.ofArray(data));
      MemorySegment room = arena.allocate(OUTPUT_BYTES);
      MemorySegment window = arena.allocate(Window.MAX_BYTES);
      MemorySegment windowLength = arena.allocate(JAVA_INT);
      MemorySegment version = (MemorySegment) zlibVersion.invokeExact();
      int result = (int) inflateInit2.invokeExact(stream, RAW, version, STREAM_BYTES);
      stream.set(JAVA_LONG, NEXT_IN, input.address());
      stream.set(JAVA_INT, AVAIL_IN, data.length);
      while (result == Z_OK) {
        stream.set(JAVA_LONG, NEXT_OUT, room.address());
        stream.set(JAVA_INT, AVAIL_OUT, OUTPUT_BYTES);
        result = (int) inflate.invokeExact(stream, Z_BLOCK);
        int made = OUTPUT_BYTES - stream.get(JAVA_INT, AVAIL_OUT);
        output.writeBytes(room.asSlice(0, made).toArray(JAVA_BYTE));
        int type = stream.get(JAVA_INT, DATA_TYPE);
        if ((type & (BETWEEN_BLOCKS | LAST_BLOCK)) == BETWEEN_BLOCKS) {
          int ignored = (int) inflateGetDictionary.invokeExact(stream, window, windowLength);
          blocks.append(
              Inflated.block(
                  data.length - stream.get(JAVA_INT, AVAIL_IN),
                  type & BITS,
                  windowLength.get(JAVA_INT, 0)));
        }
      }
      int used = data.length - stream.get(JAVA_INT, AVAIL_IN);
      int ignored = (int) inflateEnd.invokeExact(stream);
      return result == Z_STREAM_END
          ? Inflated.well(blocks, used, output.toByteArray())
          : Inflated.badly(blocks);
    } catch (Throwable e) {
      throw new AssertionError("zlib throws nothing", e);
    }
  }

  /**
   * What became of deflate data.
   *
   * @param blocks where each block ended but the last, and how much output there was to refer to
   * @param end where they ended and what they were; empty if they are bad or cut short, which is
   *     not told apart: of codes without a word, zlib reads on to their end
   * @param output how many bytes they were, -1 if they are bad or cut short
   */
  record Inflated(String blocks, Optional<String> end, int output) {
    static String block(long position, int bits, int window) {
      return " %d+%d bits, window %d".formatted(position, bits, window);
    }

    static Inflated well(CharSequence blocks, long position, byte[] output) {
      return new Inflated(
          blocks.toString(), Optional.of(position + " " + Digest.sha256(output)), output.length);
    }

    static Inflated badly(CharSequence blocks) {
      return new Inflated(blocks.toString(), Optional.empty(), -1);
    }
  }
}
