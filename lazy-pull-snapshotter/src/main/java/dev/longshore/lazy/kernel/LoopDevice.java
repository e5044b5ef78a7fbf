package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * A file as a block device, for reading; gone when it is closed and nothing of it is mounted
 * (loop(4), Linux 5.8).
 */
final class LoopDevice implements AutoCloseable {

  /*
   * include/uapi/linux/loop.h. loop_config is a descriptor u32, block size u32, loop_info64 and 64
   * bytes; of loop_info64's 232 bytes only the flags, a u32 at 52, are set.
   */

  private static final Path CONTROL = Path.of("/dev/loop-control");
  private static final long GET_FREE = 0x4C82;
  private static final long CONFIGURE = 0x4C0A;
  private static final long CONFIG_BYTES = 304;
  private static final long FLAGS = 8 + 52;
  private static final int READ_ONLY = 1;
  private static final int AUTOCLEAR = 4;
  private static final int ATTEMPTS = 10;

  private static final MethodHandle IOCTL =
      CLibrary.function(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          Linker.Option.firstVariadicArg(2));

  private final Path path;
  private final Descriptor device;

  private LoopDevice(Path path, Descriptor device) {
    this.path = path;
    this.device = device;
  }

  /** A free loop device, with this file in it. */
  static LoopDevice of(Path file) throws KernelException {
    try (Descriptor backing = Descriptor.open(file, Descriptor.READ_ONLY);
        Descriptor control = Descriptor.open(CONTROL, Descriptor.READ_WRITE);
        Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_BYTES, Long.BYTES);
      config.set(JAVA_INT, 0, backing.number());
      config.set(JAVA_INT, FLAGS, READ_ONLY | AUTOCLEAR);
      for (int attempt = 1; ; attempt++) {
        Path path = Path.of("/dev/loop" + control("find", control, GET_FREE, MemorySegment.NULL));
        Descriptor device = Descriptor.open(path, Descriptor.READ_ONLY);
        try {
          control("set up", device, CONFIGURE, config);
          return new LoopDevice(path, device);
        } catch (KernelException e) {
          device.close();
          if (e.errno() != Errno.EBUSY || attempt == ATTEMPTS) { // somebody was faster
            throw e;
          }
        }
      }
    }
  }

  private static long control(String what, Descriptor on, long request, MemorySegment argument)
      throws KernelException {
    return CLibrary.call(
        "cannot " + what + " a loop device",
        state -> (int) IOCTL.invokeExact(state, on.number(), request, argument));
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws KernelException {
    device.close();
  }
}
