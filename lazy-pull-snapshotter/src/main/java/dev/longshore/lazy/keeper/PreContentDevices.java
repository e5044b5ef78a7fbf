package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.PreContentGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices that are sparse files marked for fanotify's pre-content events: holds the group and reads
 * its events.
 */
final class PreContentDevices implements DeviceServer {

  /*
   * The kernel lets every waiting reader go, with zeros, once nobody holds the group.
   *
   * A device that is released before it is complete may still be read: overlayfs holds on to a file
   * system that has been unmounted. Without a mark such a read would find zeros, and so would the
   * second try that the kernel makes of a page whose first one was refused. So the mark stays, every
   * read of what is missing is refused, and the device is let go of when nobody has it open.
   */

  private static final Logger LOG = LoggerFactory.getLogger(PreContentDevices.class);
  private static final int WAIT_MILLIS = 500;
  private static final int REMEMBERED = 4096;

  private final PreContentGroup group;
  private final Readers readers;
  private final Runnable letGo;
  private final Thread events =
      Thread.ofPlatform().name("keeper-events").unstarted(this::readEvents);
  private volatile boolean closed;

  private final Map<Descriptor.Identity, KeptDevice> devices = new HashMap<>(); // guarded by this

  /** Complete devices that were let go last: the kernel may still have events of them. */
  private final Set<Descriptor.Identity> completed = new LinkedHashSet<>(); // guarded by this

  private final List<KeptDevice> leaving = new ArrayList<>(); // guarded by this

  private PreContentDevices(PreContentGroup group, Readers readers, Runnable letGo) {
    this.group = group;
    this.readers = readers;
    this.letGo = letGo;
  }

  /**
   * Opens a group.
   *
   * @param letGo run, on a thread of its own, whenever a device that was leaving has left
   */
  static PreContentDevices open(Readers readers, Runnable letGo) throws IOException {
    PreContentDevices devices = new PreContentDevices(PreContentGroup.open(), readers, letGo);
    devices.events.start();
    return devices;
  }

  /** Opens a device's files, then marks it: in this order, or filling it would wait for itself. */
  @Override
  public synchronized KeptDevice hold(String name, Path data, Path table) throws IOException {
    KeptDevice device = KeptDevice.open(DeviceKind.FANOTIFY, name, data, data, table);
    try {
      group.mark(device.early());
    } catch (IOException e) {
      device.close();
      throw e;
    }
    devices.put(device.identity(), device);
    completed.remove(device.identity());
    return device;
  }

  @Override
  public synchronized void release(KeptDevice device) throws IOException {
    if (device.isComplete()) {
      completed.add(device.identity());
      if (completed.size() > REMEMBERED) {
        completed.remove(completed.iterator().next());
      }
      end(device);
    } else {
      leaving.add(device);
    }
  }

  private void end(KeptDevice device) throws IOException {
    devices.remove(device.identity(), device);
    group.unmark(device.early());
    device.close();
  }

  @Override
  public synchronized boolean isEmpty() {
    return devices.isEmpty();
  }

  private void readEvents() {
    while (!closed) {
      try {
        group.await(WAIT_MILLIS).forEach(this::take);
        if (endLeaving()) {
          letGo.run();
        }
      } catch (KernelException e) {
        if (!closed) {
          LOG.error("Reading events failed; going on", e);
        }
      }
    }
  }

  /** Lets go of devices that were released before they were complete and are used no more. */
  private synchronized boolean endLeaving() {
    boolean any = false;
    for (var devices = leaving.iterator(); devices.hasNext(); ) {
      KeptDevice device = devices.next();
      try {
        if (device.early().isOnlyOpener()) {
          devices.remove();
          end(device);
          any = true;
        }
      } catch (IOException e) {
        LOG.warn("Device {} cannot be let go of yet", device.name(), e);
      }
    }
    return any;
  }

  private void take(PreContentGroup.Event event) {
    EventRead read = new EventRead(event);
    Descriptor.Identity identity;
    try {
      identity = event.file().identity();
    } catch (KernelException e) {
      LOG.error("An event is for a file that cannot be asked which it is: refused", e);
      answer(read, false);
      return;
    }
    KeptDevice device;
    boolean complete;
    synchronized (this) {
      device = devices.get(identity);
      complete = completed.contains(identity);
    }
    if (device == null) {
      answer(read, complete);
    } else {
      readers.read(device, read);
    }
  }

  private static void answer(KernelRead read, boolean allowed) {
    try {
      if (allowed) {
        read.allow();
      } else {
        read.refuse();
      }
    } catch (KernelException e) {
      LOG.debug("Nobody waits for an answer any more", e);
    }
  }

  private final class EventRead implements KernelRead {
    private final PreContentGroup.Event event;

    EventRead(PreContentGroup.Event event) {
      this.event = event;
    }

    @Override
    public long offset() {
      return event.offset();
    }

    @Override
    public long count() {
      return event.count();
    }

    @Override
    public void allow() throws KernelException {
      group.allow(event);
    }

    @Override
    public void refuse() throws KernelException {
      group.refuse(event);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      events.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the keeper ended", e);
    }
    synchronized (this) {
      for (KeptDevice device : devices.values()) {
        device.close();
      }
      group.close();
    }
  }
}
