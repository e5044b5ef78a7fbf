package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A fanotify group for pre-content events: whoever reads a range of a marked file waits until the
 * group has answered (fanotify(7), Linux 6.14 and later).
 *
 * <p>Closing the last descriptor of a group lets every waiting reader go on, and what it reads of a
 * hole is zeros: whoever holds one unmounts what reads its files first. One thread reads events;
 * any may answer and mark.
 */
public final class PreContentGroup implements AutoCloseable {

  /*
   * include/uapi/linux/fanotify.h. An event is 24 bytes: length u32, version u8, reserved u8,
   * length of the metadata u16, mask u64, descriptor s32, process s32; then records of type u8,
   * padding u8, length u16, of which RANGE has padding u32, offset u64, count u64.
   */

  private static final int FAN_CLOEXEC = 0x1;
  private static final int FAN_NONBLOCK = 0x2;
  private static final int FAN_CLASS_PRE_CONTENT = 0x8;
  private static final int FAN_UNLIMITED_QUEUE = 0x10;
  private static final int FAN_UNLIMITED_MARKS = 0x20;
  private static final long FAN_PRE_ACCESS = 0x0010_0000;
  private static final int FAN_MARK_ADD = 0x1;
  private static final int FAN_MARK_REMOVE = 0x2;
  private static final int FAN_ALLOW = 0x1;
  private static final int FAN_DENY = 0x2;
  private static final int FAN_ERRNO_SHIFT = 24;
  private static final byte INFO_TYPE_RANGE = 6;
  private static final int METADATA_BYTES = 24;
  private static final short POLLIN = 1;
  private static final int BUFFER_BYTES = 16 << 10;

  private static final MethodHandle INIT =
      CLibrary.function("fanotify_init", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle MARK =
      CLibrary.function(
          "fanotify_mark",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, ADDRESS));
  private static final MethodHandle READ =
      CLibrary.function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      CLibrary.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle POLL =
      CLibrary.function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  // Records lie at any multiple of 4.
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Descriptor group;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);

  private PreContentGroup(Descriptor group) {
    this.group = group;
  }

  /**
   * Somebody waits to read a range of a marked file.
   *
   * @param file exempt from events, as no other descriptor opened after the mark is; closed by
   *     whoever answers
   * @param offset of the range, bytes; the kernel begins it at a page
   * @param count bytes, at least 1; whole pages, so it may reach beyond the file's end
   */
  public record Event(Descriptor file, long offset, long count) {}

  /**
   * Opens a group.
   *
   * @throws KernelException without the right to (CAP_SYS_ADMIN), or on a kernel without it
   */
  public static PreContentGroup open() throws KernelException {
    int flags =
        FAN_CLASS_PRE_CONTENT
            | FAN_CLOEXEC
            | FAN_NONBLOCK
            | FAN_UNLIMITED_QUEUE
            | FAN_UNLIMITED_MARKS;
    int files = Descriptor.READ_WRITE | Descriptor.CLOSE_ON_EXEC;
    int number =
        (int)
            CLibrary.call(
                "cannot open a fanotify group for pre-content events",
                state -> (int) INIT.invokeExact(state, flags, files));
    return new PreContentGroup(new Descriptor(number));
  }

  /**
   * From now on, whoever opens this file and reads it waits; so do those who opened it before, but
   * for the given descriptor and others opened before the first mark.
   */
  public void mark(Descriptor file) throws KernelException {
    mark(file, FAN_MARK_ADD);
  }

  /** Readers of this file wait no more. */
  public void unmark(Descriptor file) throws KernelException {
    mark(file, FAN_MARK_REMOVE);
  }

  private void mark(Descriptor file, int how) throws KernelException {
    CLibrary.call(
        "cannot mark a file for pre-content events",
        state ->
            (int)
                MARK.invokeExact(
                    state, group.number(), how, FAN_PRE_ACCESS, file.number(), MemorySegment.NULL));
  }

  /**
   * Waits for events, at most so long.
   *
   * @return those that are there, each to be answered; none when the time is up
   */
  public List<Event> await(int millis) throws KernelException {
    if (!readable(millis)) {
      return List.of();
    }
    long length;
    try {
      length =
          CLibrary.call(
              "cannot read events",
              state -> (long) READ.invokeExact(state, group.number(), buffer, (long) BUFFER_BYTES));
    } catch (KernelException e) {
      if (e.errno() == Errno.EAGAIN) {
        return List.of(); // whoever waited has been killed
      }
      throw e;
    }
    List<Event> events = new ArrayList<>();
    for (long at = 0; at < length; at += buffer.get(JAVA_INT, at)) {
      events.add(event(at));
    }
    return events;
  }

  private boolean readable(int millis) throws KernelException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment poll = local.allocate(8, Integer.BYTES);
      poll.set(JAVA_INT, 0, group.number());
      poll.set(JAVA_SHORT, 4, POLLIN);
      return CLibrary.call(
              "cannot wait for events", state -> (int) POLL.invokeExact(state, poll, 1L, millis))
          > 0;
    }
  }

  private Event event(long at) {
    Descriptor file = new Descriptor(buffer.get(JAVA_INT, at + 16));
    long end = at + buffer.get(JAVA_INT, at);
    long record = at + METADATA_BYTES;
    while (record < end) {
      if (buffer.get(JAVA_BYTE, record) == INFO_TYPE_RANGE) {
        return new Event(file, buffer.get(LONG, record + 8), buffer.get(LONG, record + 16));
      }
      record += buffer.get(JAVA_SHORT, record + 2);
    }
    return new Event(file, 0, Long.MAX_VALUE); // no range: all of the file
  }

  /** Lets the reader of this event go on. */
  public void allow(Event event) throws KernelException {
    answer(event, FAN_ALLOW);
  }

  /** Lets the read of this event fail with EIO. */
  public void refuse(Event event) throws KernelException {
    answer(event, FAN_DENY | Errno.EIO << FAN_ERRNO_SHIFT);
  }

  private void answer(Event event, int response) throws KernelException {
    try (Arena local = Arena.ofConfined();
        Descriptor file = event.file()) {
      MemorySegment answer = local.allocate(8, Integer.BYTES);
      answer.set(JAVA_INT, 0, file.number());
      answer.set(JAVA_INT, 4, response);
      CLibrary.call(
          "cannot answer an event",
          state -> (long) WRITE.invokeExact(state, group.number(), answer, 8L));
    }
  }

  /** Ends the group: readers that wait go on, and read zeros where a hole is. */
  @Override
  public void close() throws KernelException {
    group.close();
    arena.close();
  }
}
