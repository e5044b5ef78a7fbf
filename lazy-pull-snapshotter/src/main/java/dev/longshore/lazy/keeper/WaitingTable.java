package dev.longshore.lazy.keeper;

import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.PassingSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reads that wait for the snapshotter, and which one is asked. Safe for many threads.
 *
 * <p>It may die at any point: until it answers, a read stays here, and the next snapshotter is
 * asked again. Asking, and saying whom to ask, happen under one lock, so that no read falls between
 * two snapshotters.
 */
final class WaitingTable implements DeviceServer.Readers {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingTable.class);

  private final Map<Long, Waiting> waiting = new LinkedHashMap<>(); // guarded by this
  private @Nullable PassingSocket snapshotter; // guarded by this
  private long lastId; // guarded by this

  private record Waiting(KeptDevice device, KernelRead read) {}

  @Override
  public void read(KeptDevice device, KernelRead read) {
    if (device.isFilled(read.offset(), read.count())) {
      answer(read, true);
    } else if (!ask(device, read)) {
      answer(read, false);
    }
  }

  private synchronized boolean ask(KeptDevice device, KernelRead read) {
    if (device.isLeaving()) {
      return false;
    }
    long id = ++lastId;
    Waiting asked = new Waiting(device, read);
    waiting.put(id, asked);
    if (snapshotter != null) {
      try {
        snapshotter.send(question(id, asked));
      } catch (KernelException e) {
        LOG.debug("The snapshotter has just gone; the next one is asked", e);
      }
    }
    return true;
  }

  /** From now on this one is asked, first for all that wait already. */
  synchronized void connect(PassingSocket next) throws KernelException {
    if (snapshotter != null) {
      LOG.warn("A second snapshotter has come: the first one is sent away");
      snapshotter.shutdown();
    }
    snapshotter = next;
    for (Map.Entry<Long, Waiting> entry : waiting.entrySet()) {
      next.send(question(entry.getKey(), entry.getValue()));
    }
  }

  /** This one is asked no more, if it was. */
  synchronized void disconnect(PassingSocket gone) {
    if (snapshotter == gone) {
      snapshotter = null;
    }
  }

  /** The snapshotter's answer. */
  void answer(long id, boolean allowed) {
    Waiting answered;
    synchronized (this) {
      answered = waiting.remove(id);
    }
    if (answered != null) {
      answer(answered.read(), allowed);
    }
  }

  /** Nobody fills this device any more: whoever waits gets what is there, or an error. */
  void leave(KeptDevice device) {
    List<KernelRead> reads = new ArrayList<>();
    synchronized (this) {
      device.leave();
      for (var entries = waiting.values().iterator(); entries.hasNext(); ) {
        Waiting entry = entries.next();
        if (entry.device() == device) {
          entries.remove();
          reads.add(entry.read());
        }
      }
    }
    boolean complete = device.isComplete();
    reads.forEach(read -> answer(read, complete));
  }

  private static void answer(KernelRead read, boolean allowed) {
    try {
      if (allowed) {
        read.allow();
      } else {
        read.refuse();
      }
    } catch (KernelException e) {
      LOG.debug("Nobody waits for an answer any more", e); // killed, or its device was released
    }
  }

  private static ByteBuffer question(long id, Waiting asked) {
    KernelRead read = asked.read();
    return new Message.Read(id, asked.device().name(), read.offset(), read.count()).encode();
  }
}
