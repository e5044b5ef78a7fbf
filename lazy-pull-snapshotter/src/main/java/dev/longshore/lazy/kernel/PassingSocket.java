package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.EOFException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket whose messages may carry a descriptor (unix(7), {@code SCM_RIGHTS}).
 *
 * <p>Messages keep their bounds ({@code SOCK_SEQPACKET}) and have at most {@link #MAX_BYTES}. One
 * thread receives at a time, any may send. Whoever closes a socket that somebody receives from or
 * accepts at shuts it down first and waits for that thread, since the number is another's at once.
 */
@SuppressWarnings("restricted") // what a header points to is memory of ours
public final class PassingSocket implements AutoCloseable {

  /** Bytes of the longest message. */
  public static final int MAX_BYTES = 8 << 10;

  /*
   * include/linux/socket.h and sys/socket.h, as every 64-bit Linux has them. msghdr is 56 bytes:
   * name pointer, its length u32, padding, iovec pointer, their number, control pointer, its
   * length, flags s32. A control message is a header of 16 bytes (length u64, level s32, type s32)
   * and here one descriptor, padded to 8.
   */

  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = Descriptor.CLOSE_ON_EXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
  private static final int SHUT_RDWR = 2;
  private static final int MSGHDR_BYTES = 56;
  private static final int CONTROL_BYTES = 24;
  private static final int ADDRESS_BYTES = 110;
  private static final int BACKLOG = 8;

  private static final MethodHandle SOCKET =
      CLibrary.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      CLibrary.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle LISTEN =
      CLibrary.function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT =
      CLibrary.function(
          "accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle CONNECT =
      CLibrary.function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SENDMSG =
      CLibrary.function("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle RECVMSG =
      CLibrary.function("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SHUTDOWN =
      CLibrary.function("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private final Descriptor socket;

  private PassingSocket(Descriptor socket) {
    this.socket = socket;
  }

  /**
   * What came.
   *
   * @param content of the message
   * @param passed with it, the receiver's to close
   */
  public record Message(ByteBuffer content, Optional<Descriptor> passed) {}

  /** Listens at this path, where nothing may be. */
  public static PassingSocket listen(Path path) throws KernelException {
    PassingSocket listening = new PassingSocket(newSocket());
    try {
      listening.withAddress("cannot listen at " + path, path, BIND);
      CLibrary.call(
          "cannot listen at " + path,
          state -> (int) LISTEN.invokeExact(state, listening.socket.number(), BACKLOG));
      return listening;
    } catch (KernelException e) {
      listening.socket.close();
      throw e;
    }
  }

  /** Connects to whoever listens at this path. */
  public static PassingSocket connect(Path path) throws KernelException {
    PassingSocket connected = new PassingSocket(newSocket());
    try {
      connected.withAddress("cannot connect to " + path, path, CONNECT);
      return connected;
    } catch (KernelException e) {
      connected.socket.close();
      throw e;
    }
  }

  private static Descriptor newSocket() throws KernelException {
    int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
    return new Descriptor(
        (int)
            CLibrary.call(
                "cannot make a socket",
                state -> (int) SOCKET.invokeExact(state, AF_UNIX, type, 0)));
  }

  private void withAddress(String attempt, Path path, MethodHandle function)
      throws KernelException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > ADDRESS_BYTES - 3) {
      throw new IllegalArgumentException(
          "a socket's path has at most %d bytes: %s".formatted(ADDRESS_BYTES - 3, path));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ADDRESS_BYTES, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
      CLibrary.call(
          attempt,
          state -> (int) function.invokeExact(state, socket.number(), address, ADDRESS_BYTES));
    }
  }

  /** Waits for somebody who connects. */
  public PassingSocket accept() throws KernelException {
    return new PassingSocket(
        new Descriptor(
            (int)
                CLibrary.call(
                    "cannot accept a connection",
                    state ->
                        (int)
                            ACCEPT.invokeExact(
                                state,
                                socket.number(),
                                MemorySegment.NULL,
                                MemorySegment.NULL,
                                SOCK_CLOEXEC))));
  }

  /** Sends a message, the rest of this buffer. */
  public void send(ByteBuffer content) throws KernelException {
    send(content, null);
  }

  /**
   * Sends a message, the rest of this buffer, and with it, if there is one, a descriptor, which
   * stays the sender's to close.
   */
  public synchronized void send(ByteBuffer content, @Nullable Descriptor passed)
      throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, content.remaining()));
      bytes.copyFrom(MemorySegment.ofBuffer(content));
      MemorySegment header = header(arena, bytes, content.remaining(), passed != null);
      if (passed != null) {
        MemorySegment control = header.get(ADDRESS, 32).reinterpret(CONTROL_BYTES);
        control.set(JAVA_LONG, 0, CONTROL_BYTES - Integer.BYTES);
        control.set(JAVA_INT, 8, SOL_SOCKET);
        control.set(JAVA_INT, 12, SCM_RIGHTS);
        control.set(JAVA_INT, 16, passed.number());
      }
      CLibrary.call(
          "cannot send",
          state -> (long) SENDMSG.invokeExact(state, socket.number(), header, MSG_NOSIGNAL));
    }
  }

  /**
   * Waits for a message.
   *
   * @throws EOFException when the other side has gone
   */
  public Message receive() throws KernelException, EOFException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(MAX_BYTES);
      MemorySegment header = header(arena, bytes, MAX_BYTES, true);
      long length =
          CLibrary.call(
              "cannot receive",
              state ->
                  (long) RECVMSG.invokeExact(state, socket.number(), header, MSG_CMSG_CLOEXEC));
      if (length == 0) {
        throw new EOFException("the other side has gone");
      }
      byte[] content = bytes.asSlice(0, length).toArray(JAVA_BYTE);
      return new Message(ByteBuffer.wrap(content), passed(header));
    }
  }

  private static Optional<Descriptor> passed(MemorySegment header) {
    if (header.get(JAVA_LONG, 40) < CONTROL_BYTES - Integer.BYTES) {
      return Optional.empty();
    }
    MemorySegment control = header.get(ADDRESS, 32).reinterpret(CONTROL_BYTES);
    boolean descriptor =
        control.get(JAVA_INT, 8) == SOL_SOCKET && control.get(JAVA_INT, 12) == SCM_RIGHTS;
    return descriptor ? Optional.of(new Descriptor(control.get(JAVA_INT, 16))) : Optional.empty();
  }

  private static MemorySegment header(
      Arena arena, MemorySegment bytes, long length, boolean withControl) {
    MemorySegment vector = arena.allocate(16, Long.BYTES);
    vector.set(ADDRESS, 0, bytes);
    vector.set(JAVA_LONG, 8, length);
    MemorySegment header = arena.allocate(MSGHDR_BYTES, Long.BYTES);
    header.set(ADDRESS, 16, vector);
    header.set(JAVA_LONG, 24, 1);
    if (withControl) {
      header.set(ADDRESS, 32, arena.allocate(CONTROL_BYTES, Long.BYTES));
      header.set(JAVA_LONG, 40, CONTROL_BYTES);
    }
    return header;
  }

  /** Wakes whoever waits on this socket, with the end of it. */
  public synchronized void shutdown() throws KernelException {
    CLibrary.call(
        "cannot shut a socket down",
        state -> (int) SHUTDOWN.invokeExact(state, socket.number(), SHUT_RDWR));
  }

  @Override
  public synchronized void close() throws KernelException {
    socket.close();
  }
}
