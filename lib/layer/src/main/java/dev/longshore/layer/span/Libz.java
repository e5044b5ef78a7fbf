package dev.longshore.layer.span;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The functions of zlib that stop at blocks and start midway ({@code zlib.h}), if it is there. */
@SuppressWarnings("restricted") // Native code is what this is for.
final class Libz {
  private static final Logger log = LoggerFactory.getLogger(Libz.class);

  static final int Z_OK = 0;
  static final int Z_STREAM_END = 1;
  static final int Z_BUF_ERROR = -5;
  static final int Z_BLOCK = 5;

  /** The JDK's own zlib exports no inflatePrime; Debian, Fedora and Alpine all name it so. */
  private static final String LIBRARY = "libz.so.1";

  private static final @Nullable Libz LOADED = load();

  final MethodHandle inflateInit2;
  final MethodHandle inflate;
  final MethodHandle inflateReset;
  final MethodHandle inflateEnd;
  final MethodHandle inflatePrime;
  final MethodHandle inflateSetDictionary;
  final MethodHandle inflateGetDictionary;

  /** What inflateInit2_ compares with what it is. */
  final MemorySegment version;

  private Libz(Linker linker, SymbolLookup library) throws ReflectiveOperationException {
    // Whoever is within a critical function holds up the garbage collector: the short ones alone.
    Linker.Option plain = Linker.Option.critical(false);
    Linker.Option withArrays = Linker.Option.critical(true);
    inflateInit2 =
        handle(linker, library, "inflateInit2_", of(ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
    inflate = handle(linker, library, "inflate", of(ADDRESS, JAVA_INT));
    inflateReset = handle(linker, library, "inflateReset", of(ADDRESS), plain);
    inflateEnd = handle(linker, library, "inflateEnd", of(ADDRESS));
    inflatePrime = handle(linker, library, "inflatePrime", of(ADDRESS, JAVA_INT, JAVA_INT), plain);
    inflateSetDictionary =
        handle(linker, library, "inflateSetDictionary", of(ADDRESS, ADDRESS, JAVA_INT), withArrays);
    inflateGetDictionary =
        handle(linker, library, "inflateGetDictionary", of(ADDRESS, ADDRESS, ADDRESS), withArrays);
    MethodHandle zlibVersion =
        handle(linker, library, "zlibVersion", FunctionDescriptor.of(ADDRESS));
    try {
      version = (MemorySegment) zlibVersion.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError("zlibVersion throws nothing", e);
    }
  }

  private static FunctionDescriptor of(MemoryLayout... arguments) {
    return FunctionDescriptor.of(JAVA_INT, arguments);
  }

  private static MethodHandle handle(
      Linker linker,
      SymbolLookup library,
      String name,
      FunctionDescriptor type,
      Linker.Option... options)
      throws NoSuchMethodException {
    MemorySegment address =
        library.find(name).orElseThrow(() -> new NoSuchMethodException(LIBRARY + ": " + name));
    return linker.downcallHandle(address, type, options);
  }

  private static @Nullable Libz load() {
    // The layout of z_stream that LibzInflater has is that of 64-bit systems, lowest byte first.
    if (ADDRESS.byteSize() != Long.BYTES) {
      return null;
    }
    try {
      return new Libz(Linker.nativeLinker(), SymbolLookup.libraryLookup(LIBRARY, Arena.global()));
    } catch (IllegalArgumentException
        | IllegalCallerException
        | UnsupportedOperationException
        | ReflectiveOperationException e) {
      log.info("Inflating in Java, which is slower: no {} to call ({})", LIBRARY, e.toString());
      return null;
    }
  }

  /** Whether there is a zlib that this process may call. */
  static boolean isPresent() {
    return LOADED != null;
  }

  /** The zlib of this system; {@link #isPresent} must have said that there is one. */
  static Libz loaded() {
    if (LOADED == null) {
      throw new IllegalStateException("there is no " + LIBRARY);
    }
    return LOADED;
  }
}
