package dev.longshore.lazy.device;

import dev.longshore.layer.span.MalformedLayerException;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a device, span by span: each is fetched and inflated once, however many wait for it. Safe
 * for many threads.
 */
public final class DeviceFiller implements AutoCloseable {

  /*
   * A span goes straight from the source through the inflater to the device, and is only then said
   * to be filled; what has been written of one whose digest is wrong is never read, since nobody who
   * waits for it is let go. A source that fails is asked again, less and less often, until patience
   * ends; a span whose bytes are wrong would be so again, and fails at once.
   */

  private static final Logger LOG = LoggerFactory.getLogger(DeviceFiller.class);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2000;
  private static final int MOST_AHEAD = 8;

  private final LazyDevice device;
  private final RangeSource source;
  private final FillThreads threads;
  private final Duration patience;
  private final Runnable completed;
  private final LongSupplier nanoTime;
  private final AtomicInteger missing;
  private final ConcurrentHashMap<Integer, CompletableFuture<Void>> running =
      new ConcurrentHashMap<>();

  /** Fills that run and one more for whoever has not closed it: the last one closes the data. */
  private final AtomicInteger users = new AtomicInteger(1);

  private final AtomicBoolean closed = new AtomicBoolean();
  private final ReadAhead readAhead = new ReadAhead(MOST_AHEAD); // guarded by itself

  /**
   * A filler of one device.
   *
   * @param threads that fetch and inflate, shared by all devices
   * @param patience how long a source may fail before a reader does
   * @param completed called once, on a thread of these, when nothing is missing any more
   */
  public DeviceFiller(
      LazyDevice device,
      RangeSource source,
      FillThreads threads,
      Duration patience,
      Runnable completed) {
    this(device, source, threads, patience, completed, System::nanoTime);
  }

  DeviceFiller(
      LazyDevice device,
      RangeSource source,
      FillThreads threads,
      Duration patience,
      Runnable completed,
      LongSupplier nanoTime) {
    this.device = device;
    this.source = source;
    this.threads = threads;
    this.patience = patience;
    this.completed = completed;
    this.nanoTime = nanoTime;
    this.missing = new AtomicInteger(device.table().missing());
  }

  /** The device that it fills. */
  public LazyDevice device() {
    return device;
  }

  /** How many spans are still to be filled. */
  public int missing() {
    return missing.get();
  }

  /**
   * Fills a range that somebody waits for, and begins with what is likely to be read next.
   *
   * @param offset on the device, bytes
   * @param count bytes; may reach beyond the device
   * @return done when all of the range is there; fails with {@link FillFailedException}
   */
  public CompletableFuture<Void> fill(long offset, long count) {
    FillTable table = device.table();
    long end = FillTable.end(offset, count);
    int first = table.spanAt(offset);
    int last = Math.min(table.spans() - 1, table.spanAt(end - 1));
    List<CompletableFuture<Void>> fills = new ArrayList<>();
    for (int i = table.firstMissing(first, end); i >= 0; i = table.firstMissing(i + 1, end)) {
      fills.add(begin(i));
    }
    if (!fills.isEmpty()) {
      beginAhead(first, last);
    }
    return CompletableFuture.allOf(fills.toArray(CompletableFuture[]::new));
  }

  private void beginAhead(int first, int last) {
    int ahead;
    synchronized (readAhead) {
      ahead = readAhead.asked(first, last);
    }
    FillTable table = device.table();
    for (int i = last + 1; i <= last + ahead && i < table.spans(); i++) {
      if (!table.isFilled(i)) {
        var _ = begin(i);
      }
    }
  }

  private CompletableFuture<Void> begin(int span) {
    CompletableFuture<Void> fresh = new CompletableFuture<>();
    CompletableFuture<Void> filling = running.putIfAbsent(span, fresh);
    if (filling != null) {
      return filling;
    }
    threads.demand(reader -> run(span, fresh, reader));
    return fresh;
  }

  /**
   * Fills a span that nobody waits for yet, on the caller's thread, unless it is being filled.
   *
   * @param reader the caller's
   * @return whether it was missing and is filled now
   */
  public boolean fillNow(int span, SpanReader reader) throws IOException {
    CompletableFuture<Void> fresh = new CompletableFuture<>();
    if (device.table().isFilled(span) || running.putIfAbsent(span, fresh) != null) {
      return false;
    }
    run(span, fresh, reader);
    if (fresh.isCompletedExceptionally()) {
      throw new IOException("cannot fill " + device.spans().get(span), fresh.exceptionNow());
    }
    return true;
  }

  private void run(int number, CompletableFuture<Void> done, SpanReader reader) {
    if (!enter()) {
      running.remove(number, done);
      done.completeExceptionally(
          new FillFailedException("layer " + device.layer() + " is mounted no more", null));
      return;
    }
    try {
      if (!device.table().isFilled(number)) {
        fill(number, reader);
        device.table().fill(number);
        if (missing.decrementAndGet() == 0) {
          completed.run();
        }
      }
      done.complete(null);
    } catch (IOException | RuntimeException | Error e) {
      Span span = device.spans().get(number);
      LOG.warn("Layer {} cannot be read: {}", device.layer(), span, e);
      done.completeExceptionally(
          new FillFailedException(
              "layer %s, %s: %s".formatted(device.layer(), span, e.getMessage()), e));
    } finally {
      running.remove(number, done);
      leave();
    }
  }

  private boolean enter() {
    if (users.getAndUpdate(count -> count == 0 ? 0 : count + 1) == 0) {
      return false;
    }
    if (closed.get()) {
      leave();
      return false;
    }
    return true;
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      try {
        device.data().close();
      } catch (IOException e) {
        LOG.warn("Layer {}: its device did not close", device.layer(), e);
      }
    }
  }

  /** Begins no fill any more; the data file is closed when those that run have ended. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      leave();
    }
  }

  private void fill(int number, SpanReader reader) throws IOException {
    Span span = device.spans().get(number);
    long deadline = nanoTime.getAsLong() + patience.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      try {
        fillOnce(span, reader);
        return;
      } catch (MalformedLayerException e) {
        throw e;
      } catch (IOException e) {
        if (nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(pause) - deadline > 0) {
          throw e;
        }
        LOG.info("Layer {}: {} failed ({}); trying again", device.layer(), span, e.getMessage());
        sleep(pause);
        pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
      }
    }
  }

  private static void sleep(long millis) throws InterruptedIOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped while a source failed");
    }
  }

  private void fillOnce(Span span, SpanReader reader) throws IOException {
    StreamWriter writer = new StreamWriter(span.streamOffset());
    reader.begin(span, device.compression(), writer::write);
    source.read(device.layer(), span.inputOffset(), span.inputLength(), reader::feed);
    reader.finish();
  }

  /** Writes a part of the tar stream to the device, but for what is no file's. */
  private final class StreamWriter {
    private long position;

    StreamWriter(long position) {
      this.position = position;
    }

    void write(ByteBuffer output) throws IOException {
      MemorySegment bytes = MemorySegment.ofBuffer(output);
      long from = position;
      device
          .map()
          .runs(
              from,
              output.remaining(),
              (stream, offset, length) ->
                  device.data().write(bytes.asSlice(stream - from, length), offset));
      position += output.remaining();
    }
  }
}
