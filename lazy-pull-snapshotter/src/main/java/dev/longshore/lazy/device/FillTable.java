package dev.longshore.lazy.device;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Which spans of a device are filled, in a file that several processes have in memory at once.
 *
 * <p>Spans follow each other on the device as they do in the stream: span {@code i} has the bytes
 * from {@code starts[i]} to {@code starts[i + 1]}, which are none when it holds headers alone. Safe
 * for many threads and processes. It leaves memory with the object.
 */
public final class FillTable {

  /*
   * The file, in the machine's byte order: magic u64, number of spans u64, starts u64 each and one
   * more for the end of the device, then a byte a span, 1 when it is filled. Whoever sees that byte
   * sees what was written to the device before: the page cache is one for all of them.
   */

  private static final long MAGIC = 0x4c_53_46_49_4c_4c_30_31L; // LSFILL01
  private static final long SPANS = 8;
  private static final long STARTS = 16;
  private static final int MAX_SPANS = 1 << 20;
  private static final VarHandle STATE = ValueLayout.JAVA_BYTE.varHandle();

  private final MemorySegment table;
  private final int spans;
  private final long states;

  private FillTable(MemorySegment table, int spans) {
    this.table = table;
    this.spans = spans;
    this.states = statesOffset(spans);
  }

  /**
   * A table of a device of which nothing is filled, in a file that must not be there yet.
   *
   * @param starts where each span begins on the device, ascending, and where the device ends
   */
  public static FillTable create(Path file, long[] starts) throws IOException {
    int spans = starts.length - 1;
    if (spans < 0 || spans > MAX_SPANS) {
      throw new IllegalArgumentException("a device has 0 to " + MAX_SPANS + " spans, not " + spans);
    }
    for (int i = 1; i < starts.length; i++) {
      if (starts[i] < starts[i - 1]) {
        throw new IllegalArgumentException("span " + i + " begins before the one before it");
      }
    }
    long bytes = statesOffset(spans) + spans;
    FillTable created =
        map(file, bytes, spans, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    for (int i = 0; i < starts.length; i++) {
      created.table.set(ValueLayout.JAVA_LONG, STARTS + 8L * i, starts[i]);
    }
    created.table.set(ValueLayout.JAVA_LONG, SPANS, spans);
    created.table.set(ValueLayout.JAVA_LONG, 0, MAGIC);
    return created;
  }

  /**
   * The table that this file holds.
   *
   * @throws IOException if it holds none
   */
  public static FillTable open(Path file) throws IOException {
    long bytes;
    int spans;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      bytes = channel.size();
      if (bytes < STARTS + 8) {
        throw notATable(file, "it has only " + bytes + " bytes");
      }
      MemorySegment head = channel.map(FileChannel.MapMode.READ_ONLY, 0, STARTS, arena);
      long count = head.get(ValueLayout.JAVA_LONG, SPANS);
      if (head.get(ValueLayout.JAVA_LONG, 0) != MAGIC
          || count < 0
          || count > MAX_SPANS
          || statesOffset((int) count) + count != bytes) {
        throw notATable(file, "its head does not fit its " + bytes + " bytes");
      }
      spans = (int) count;
    }
    return map(file, bytes, spans, StandardOpenOption.WRITE);
  }

  private static FillTable map(Path file, long bytes, int spans, StandardOpenOption... how)
      throws IOException {
    StandardOpenOption[] options = Arrays.copyOf(how, how.length + 1);
    options[how.length] = StandardOpenOption.READ;
    try (FileChannel channel = FileChannel.open(file, options)) {
      return new FillTable(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto()), spans);
    }
  }

  private static IOException notATable(Path file, String reason) {
    return new IOException(file + " is not a table of filled spans: " + reason);
  }

  private static long statesOffset(int spans) {
    return STARTS + 8L * (spans + 1);
  }

  /** How many spans there are. */
  public int spans() {
    return spans;
  }

  /** Bytes of the device. */
  public long deviceSize() {
    return start(spans);
  }

  private long start(int span) {
    return table.get(ValueLayout.JAVA_LONG, STARTS + 8L * span);
  }

  /** Whether all bytes of this span are on the device; one without bytes always is. */
  public boolean isFilled(int span) {
    return (byte) STATE.getAcquire(table, states + span) != 0 || start(span) == start(span + 1);
  }

  /** Says that all bytes of this span have been written to the device. */
  public void fill(int span) {
    STATE.setRelease(table, states + span, (byte) 1);
  }

  /** Says that this span is to be filled again. */
  public void empty(int span) {
    STATE.setRelease(table, states + span, (byte) 0);
  }

  /**
   * The first span, at this one or after, that has bytes before {@code deviceEnd} and is not
   * filled; -1 when there is none.
   */
  public int firstMissing(int span, long deviceEnd) {
    for (int i = span; i < spans && start(i) < deviceEnd; i++) {
      if (!isFilled(i)) {
        return i;
      }
    }
    return -1;
  }

  /** Whether a range of the device can be read as it is; what is beyond its end always can. */
  public boolean isFilled(long offset, long count) {
    return firstMissing(spanAt(offset), end(offset, count)) < 0;
  }

  /** The end of a range, without overflow. */
  static long end(long offset, long count) {
    long end = offset + count;
    return end < offset ? Long.MAX_VALUE : end;
  }

  /** The first span that ends after this offset of the device; the number of spans if none does. */
  public int spanAt(long offset) {
    int low = 0;
    int high = spans;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (start(middle + 1) <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Whether every span is filled. */
  public boolean isComplete() {
    return firstMissing(0, Long.MAX_VALUE) < 0;
  }

  /** How many spans are not filled. */
  public int missing() {
    int count = 0;
    for (int i = firstMissing(0, Long.MAX_VALUE); i >= 0; i = firstMissing(i + 1, Long.MAX_VALUE)) {
      count++;
    }
    return count;
  }
}
