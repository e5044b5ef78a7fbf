package dev.longshore.layer;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The few system calls that tests need and the JDK has not; paths are raw text. */
public final class Kernel {
  private static final int MS_RDONLY = 1;
  private static final int MNT_DETACH = 2;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle MOUNT = call("mount", "pppLp");
  private static final MethodHandle UMOUNT = call("umount2", "pI");
  private static final MethodHandle SET_XATTR = call("lsetxattr", "pppLI");
  private static final MethodHandle GET_XATTR = call("lgetxattr", "pppL");
  private static final MethodHandle LIST_XATTR = call("llistxattr", "ppL");

  private Kernel() {}

  /** Calls {@code mount(2)} without any help of the {@code mount} command's. */
  public static void mountReadOnly(String source, Path target, String type, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      invoke(
          "mount " + type,
          MOUNT,
          arena,
          text(arena, source),
          text(arena, target.toString()),
          text(arena, type),
          (long) MS_RDONLY,
          text(arena, options));
    }
  }

  /** Takes a mount out of sight, also while it is in use. */
  public static void unmount(Path target) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      invoke("umount", UMOUNT, arena, text(arena, target.toString()), MNT_DETACH);
    }
  }

  public static void setXattr(String path, String name, String value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = RawText.bytes(value);
      MemorySegment memory = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
      invoke(
          "lsetxattr " + name,
          SET_XATTR,
          arena,
          text(arena, path),
          text(arena, name),
          memory,
          (long) bytes.length,
          0);
    }
  }

  /** All extended attributes of what lies at a path; of a symlink itself. */
  public static SortedMap<String, String> xattrs(String path) throws IOException {
    SortedMap<String, String> xattrs = new TreeMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1 << 16);
      MemorySegment at = text(arena, path);
      long length = invoke("llistxattr", LIST_XATTR, arena, at, memory, memory.byteSize());
      for (String name : names(memory, length)) {
        MemorySegment value = arena.allocate(1 << 16);
        long size =
            invoke(
                "lgetxattr " + name,
                GET_XATTR,
                arena,
                at,
                text(arena, name),
                value,
                value.byteSize());
        xattrs.put(name, RawText.of(value.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE)));
      }
    }
    return xattrs;
  }

  private static List<String> names(MemorySegment memory, long length) {
    String all = RawText.of(memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    return length == 0
        ? List.of()
        : Arrays.asList(all.substring(0, all.length() - 1).split("\0", -1));
  }

  private static MemorySegment text(Arena arena, String raw) {
    byte[] bytes = Arrays.copyOf(RawText.bytes(raw), raw.length() + 1);
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  private static long invoke(String what, MethodHandle call, Arena arena, Object... arguments)
      throws IOException {
    MemorySegment state = arena.allocate(STATE);
    Object[] all = new Object[arguments.length + 1];
    all[0] = state;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    long result;
    try {
      result = ((Number) call.invokeWithArguments(all)).longValue();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (result < 0) {
      throw new IOException(what + ": errno " + (int) ERRNO.get(state, 0L));
    }
    return result;
  }

  /** Parameters are p for a pointer, L for 64 bits, I for 32. */
  @SuppressWarnings("restricted") // the JDK has no other way to a system call
  private static MethodHandle call(String name, String parameters) {
    MemoryLayout[] layouts =
        parameters
            .chars()
            .mapToObj(kind ->
                switch (kind) {
                  case 'p' -> ValueLayout.ADDRESS;
                  case 'L' -> ValueLayout.JAVA_LONG;
                  default -> ValueLayout.JAVA_INT;
                })
            .toArray(MemoryLayout[]::new);
    boolean size = name.endsWith("getxattr") || name.endsWith("listxattr");
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(size ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT, layouts),
        Linker.Option.captureCallState("errno"));
  }
}
