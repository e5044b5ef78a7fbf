package dev.longshore.lazy.layers;

import dev.longshore.layer.span.SpanReader;
import dev.longshore.lazy.device.DeviceFiller;
import dev.longshore.lazy.device.FillTable;
import dev.longshore.lazy.device.FillThreads;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills what nobody has read yet, a span at a time, one layer after the other, whenever nobody
 * waits; and notes from time to time what is on the disk. One thread.
 */
final class BackgroundFill implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundFill.class);
  private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long IDLE_MILLIS = 200;
  private static final long YIELD_MILLIS = 20;
  private static final long FAILED_MILLIS = 5000;

  private final Supplier<Collection<MountedLayer>> layers;
  private final FillThreads foreground;
  private final boolean fills;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Begins.
   *
   * @param layers that are mounted, in the order in which they are to be filled
   * @param foreground whose work comes first
   * @param fills whether to fill at all, or only to note what is on the disk
   */
  BackgroundFill(Supplier<Collection<MountedLayer>> layers, FillThreads foreground, boolean fills) {
    this.layers = layers;
    this.foreground = foreground;
    this.fills = fills;
    this.thread = Thread.ofPlatform().name("lazy-background").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    long saved = System.nanoTime();
    try (SpanReader reader = new SpanReader()) {
      while (!closed) {
        long pause = step(reader);
        if (System.nanoTime() - saved > SAVE_NANOS) {
          layers.get().forEach(BackgroundFill::save);
          saved = System.nanoTime();
        }
        if (pause > 0) {
          Thread.sleep(pause);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("Stopped", e);
    }
  }

  /** Fills one span; returns how long to wait before the next, milliseconds. */
  private long step(SpanReader reader) {
    if (!fills) {
      return IDLE_MILLIS;
    }
    if (foreground.running() > 0) {
      return YIELD_MILLIS;
    }
    boolean failed = false;
    for (MountedLayer layer : layers.get()) {
      Optional<DeviceFiller> filler = layer.filler();
      if (filler.isPresent()) {
        try {
          if (fillNext(filler.get(), reader)) {
            return 0;
          }
        } catch (IOException e) {
          LOG.debug("Layer {} cannot be filled now", layer.layer(), e); // the filler has said why
          failed = true;
        }
      }
    }
    return failed ? FAILED_MILLIS : IDLE_MILLIS;
  }

  private static boolean fillNext(DeviceFiller filler, SpanReader reader) throws IOException {
    FillTable table = filler.device().table();
    for (int i = table.firstMissing(0, Long.MAX_VALUE);
        i >= 0;
        i = table.firstMissing(i + 1, Long.MAX_VALUE)) {
      if (filler.fillNow(i, reader)) {
        return true;
      }
    }
    return false;
  }

  private static void save(MountedLayer layer) {
    try {
      layer.save();
    } catch (IOException e) {
      LOG.warn("Layer {}: what is filled could not be noted on the disk", layer.layer(), e);
    }
  }

  /** Stops, and waits for the span that is being filled. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
