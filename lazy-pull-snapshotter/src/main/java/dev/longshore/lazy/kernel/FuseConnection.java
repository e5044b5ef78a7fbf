package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A mount whose files a process of ours serves: requests come from {@code /dev/fuse}, answers go
 * there (fuse(4)). Safe for many threads.
 *
 * <p>When the last descriptor of it is closed, every request fails, and so does everything that is
 * mounted on its files.
 */
public final class FuseConnection implements AutoCloseable {

  /** Bytes of the largest read. */
  public static final int MAX_READ = 1 << 20;

  private static final Path DEVICE = Path.of("/dev/fuse");
  private static final MethodHandle READ =
      CLibrary.function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      CLibrary.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

  private final Path point;
  private final Descriptor device;

  /** Memory of answers, as many as were ever written at once. */
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();

  private FuseConnection(Path point, Descriptor device) {
    this.point = point;
    this.device = device;
  }

  /**
   * Mounts a directory; whoever looks into it waits until somebody serves it.
   *
   * @param point an empty folder
   */
  public static FuseConnection mount(Path point) throws KernelException {
    Descriptor device = Descriptor.open(DEVICE, Descriptor.READ_WRITE);
    try {
      Mounts.mount(
          "longshore",
          point,
          "fuse.longshore",
          Mounts.READ_ONLY | Mounts.NO_PROGRAMS,
          "fd=%d,rootmode=40555,user_id=0,group_id=0,max_read=%d"
              .formatted(device.number(), MAX_READ));
      return new FuseConnection(point, device);
    } catch (KernelException e) {
      device.close();
      throw e;
    }
  }

  /**
   * Waits for a request.
   *
   * @param into of {@link FuseFormat#REQUEST_BYTES}
   * @param state memory for the call, of {@link CLibrary#callState}
   * @return false when there will be none any more
   */
  boolean receive(MemorySegment into, MemorySegment state) throws KernelException {
    int open = device.number();
    while (true) {
      try {
        CLibrary.call(
            "cannot read a FUSE request",
            state,
            s -> (long) READ.invokeExact(s, open, into, into.byteSize()));
        return true;
      } catch (KernelException e) {
        switch (e.errno()) {
          case Errno.ENODEV, Errno.ECONNABORTED -> {
            return false;
          }
          case Errno.ENOENT, Errno.EAGAIN -> {} // whoever asked was killed meanwhile
          default -> throw e;
        }
      }
    }
  }

  /** Memory to make an answer in, to be given back by closing it. */
  Answer answer() {
    Answer free = answers.poll();
    return free == null ? new Answer() : free;
  }

  /** Answers without a payload: with an error, or 0 for none. */
  void finish(long request, int errno) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(FuseFormat.ANSWER_HEADER, Long.BYTES);
      FuseFormat.header(message, FuseFormat.ANSWER_HEADER, request, errno);
      write(message);
    }
  }

  private void write(MemorySegment message) throws KernelException {
    int open = device.number();
    try {
      CLibrary.call(
          "cannot answer a FUSE request",
          state -> (long) WRITE.invokeExact(state, open, message, message.byteSize()));
    } catch (KernelException e) {
      if (e.errno() != Errno.ENOENT) { // whoever asked was killed meanwhile
        throw e;
      }
    }
  }

  /** An answer that is being made. Not for several threads. */
  final class Answer implements AutoCloseable {

    /** Where the payload begins: on a page, right behind the header. */
    private static final int PAYLOAD = 4096;

    private final MemorySegment memory = Arena.ofAuto().allocate(PAYLOAD + MAX_READ, PAYLOAD);

    /** Where to put it. */
    MemorySegment payload() {
      return memory.asSlice(PAYLOAD);
    }

    /** Sends it. */
    void send(long request, long payloadBytes) throws KernelException {
      MemorySegment message =
          memory.asSlice(
              PAYLOAD - FuseFormat.ANSWER_HEADER, FuseFormat.ANSWER_HEADER + payloadBytes);
      FuseFormat.header(message, message.byteSize(), request, 0);
      write(message);
    }

    @Override
    public void close() {
      answers.add(this);
    }
  }

  /**
   * Ends the connection and takes the mount away: whoever waits gets an error, and so does whatever
   * still uses a file of it. Threads that serve it end soon; the descriptor goes with {@link
   * #close}.
   */
  public void abort() throws KernelException {
    try {
      Mounts.abort(point);
    } catch (KernelException e) {
      if (e.errno() != Errno.EINVAL) { // somebody has unmounted it
        throw e;
      }
    }
  }

  /** Closes the descriptor; nobody may serve any more. */
  @Override
  public void close() throws KernelException {
    device.close();
  }
}
