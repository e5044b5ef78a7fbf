package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.DeviceFiller;
import dev.longshore.lazy.keeper.KeeperLink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings reads that wait to whatever fills their device, and its answer back. Those of a device
 * that has none yet, as after a start, wait for it.
 */
final class WaitingReads {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingReads.class);

  private final KeeperLink keeper;
  private final LayerMetrics metrics;
  private final Map<String, Filling> fillers = new HashMap<>(); // guarded by this
  private final Map<String, List<KeeperLink.WaitingRead>> early = new HashMap<>(); // by this

  WaitingReads(KeeperLink keeper, LayerMetrics metrics) {
    this.keeper = keeper;
    this.metrics = metrics;
  }

  /** Fills a range of a device, as {@link DeviceFiller#fill}. */
  @FunctionalInterface
  interface Filling {
    CompletableFuture<Void> fill(long offset, long count);
  }

  /** Takes a read; returns at once. */
  void take(KeeperLink.WaitingRead read) {
    Filling filler;
    synchronized (this) {
      filler = fillers.get(read.device());
      if (filler == null) {
        early.computeIfAbsent(read.device(), _ -> new ArrayList<>()).add(read);
        return;
      }
    }
    fill(read, filler);
  }

  /** From now on this fills the device. */
  void serve(String device, Filling filler) {
    List<KeeperLink.WaitingRead> waiting;
    synchronized (this) {
      fillers.put(device, filler);
      waiting = early.remove(device);
    }
    if (waiting != null) {
      waiting.forEach(read -> fill(read, filler));
    }
  }

  /** Nothing of the device is missing, and the keeper goes on holding it. */
  void complete(String device) {
    serve(device, (_, _) -> CompletableFuture.allOf());
  }

  /** Nobody fills the device any more; the keeper has answered all that waited. */
  synchronized void forget(String device) {
    fillers.remove(device);
    early.remove(device);
  }

  private void fill(KeeperLink.WaitingRead read, Filling filler) {
    long since = System.nanoTime();
    metrics.waits();
    var _ =
        filler
            .fill(read.offset(), read.count())
            .whenComplete((_, failure) -> answer(read, since, failure == null));
  }

  private void answer(KeeperLink.WaitingRead read, long since, boolean filled) {
    metrics.answered(System.nanoTime() - since, filled);
    try {
      if (filled) {
        keeper.allow(read);
      } else {
        keeper.refuse(read);
      }
    } catch (IOException | IllegalStateException e) {
      LOG.debug("The keeper has gone; whoever read waits for the next snapshotter", e);
    }
  }
}
