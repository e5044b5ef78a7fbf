package dev.longshore.lazy.keeper;

import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.PassingSocket;
import dev.longshore.lazy.kernel.PreContentGroup;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the fanotify group and the devices, reads its events, and hands them to whichever
 * snapshotter is connected; what it has not answered, the next one gets.
 */
final class Keeper implements AutoCloseable {

  /*
   * The kernel lets every waiting reader go, with zeros, once nobody holds the group: so this
   * process does, and does nothing else. Whoever waits for a range that is filled is let go at
   * once; for any other the snapshotter is asked. It may die at any point: until it answers, the
   * event stays in `waiting`, the reader waits, and the next snapshotter is asked again. Asking and
   * greeting happen under one lock, so that no event falls between two snapshotters.
   *
   * A device that is released before it is complete may still be read: overlayfs holds on to a file
   * system that has been unmounted. Without a mark such a read would find zeros, and so would the
   * second try that the kernel makes of a page whose first one was refused. So the mark stays, every
   * read of what is missing is refused, and the device is let go of when nobody has it open.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
  private static final int WAIT_MILLIS = 500;
  private static final int REMEMBERED = 4096;

  private final PreContentGroup group;
  private final PassingSocket listening;
  private final Path path;
  private final Map<String, KeptDevice> devices = new HashMap<>();
  private final Map<Descriptor.Identity, KeptDevice> byIdentity = new HashMap<>();
  private final Map<Long, Waiting> waiting = new LinkedHashMap<>();

  /** Complete devices that were let go last: the kernel may still have events of them. */
  private final Set<Descriptor.Identity> completed = new LinkedHashSet<>();

  private final List<KeptDevice> leaving = new ArrayList<>();

  private @Nullable PassingSocket snapshotter;
  private boolean ending;
  private long lastId;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread events =
      Thread.ofPlatform().name("keeper-events").unstarted(this::readEvents);
  private final Thread accepting =
      Thread.ofPlatform().name("keeper-accept").unstarted(this::acceptSnapshotters);

  private record Waiting(KeptDevice device, PreContentGroup.Event event) {}

  private Keeper(PreContentGroup group, PassingSocket listening, Path path) {
    this.group = group;
    this.listening = listening;
    this.path = path;
  }

  /** Opens a group and listens for snapshotters at this path. */
  static Keeper open(Path path) throws IOException {
    PreContentGroup group = PreContentGroup.open();
    try {
      Keeper keeper = new Keeper(group, PassingSocket.listen(path), path);
      keeper.events.start();
      keeper.accepting.start();
      return keeper;
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  /** Waits until a snapshotter has said that this keeper is to end. */
  void await() throws InterruptedException {
    ended.await();
  }

  private boolean hasEnded() {
    return ended.getCount() == 0;
  }

  private void acceptSnapshotters() {
    while (!hasEnded()) {
      try {
        PassingSocket next = listening.accept();
        Thread.ofPlatform().name("keeper-snapshotter").daemon().start(() -> serve(next));
      } catch (KernelException e) {
        if (!hasEnded()) {
          LOG.error("No snapshotter can come any more; those that hold a connection can stay", e);
        }
        return;
      }
    }
  }

  private void serve(PassingSocket socket) {
    try {
      greet(socket);
      while (true) {
        handle(socket, Message.decode(socket.receive().content()));
      }
    } catch (EOFException e) {
      LOG.info("The snapshotter has gone; its readers wait for the next one");
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Talking to a snapshotter failed; readers wait for the next one", e);
    } finally {
      forget(socket);
    }
  }

  private synchronized void greet(PassingSocket socket) throws IOException {
    if (snapshotter != null) {
      LOG.warn("A second snapshotter has come: the first one is sent away");
      snapshotter.shutdown();
    }
    snapshotter = socket;
    ending = false;
    socket.send(new Message.Hello(Message.VERSION, devices.size()).encode());
    for (KeptDevice device : devices.values()) {
      socket.send(new Message.Holding(device.name()).encode(), device.early());
    }
    for (Map.Entry<Long, Waiting> entry : waiting.entrySet()) {
      socket.send(ask(entry.getKey(), entry.getValue()));
    }
  }

  private synchronized void forget(PassingSocket socket) {
    if (snapshotter == socket) {
      snapshotter = null;
    }
    try {
      socket.close();
    } catch (KernelException e) {
      LOG.warn("A connection did not close", e);
    }
  }

  private synchronized void handle(PassingSocket socket, Message message) throws IOException {
    switch (message) {
      case Message.Hold hold -> hold(socket, hold);
      case Message.Release(String name) -> {
        release(name);
        socket.send(new Message.Released(name).encode());
      }
      case Message.Allow(long id) -> answer(id, true);
      case Message.Refuse(long id) -> answer(id, false);
      case Message.Exit() -> exit();
      case Message.Hello _,
          Message.Holding _,
          Message.Failed _,
          Message.Read _,
          Message.Released _ ->
          throw new IOException("a snapshotter does not say " + message);
    }
  }

  private void exit() {
    ending = devices.isEmpty();
    if (!ending) {
      LOG.info("Still holding {} devices: staying", devices.size());
    }
    endIfLast();
  }

  private void endIfLast() {
    if (ending && byIdentity.isEmpty()) {
      ended.countDown();
    }
  }

  private void hold(PassingSocket socket, Message.Hold hold) throws IOException {
    KeptDevice device = devices.get(hold.device());
    if (device == null) {
      try {
        device = KeptDevice.hold(group, hold.device(), hold.data(), hold.table());
      } catch (IOException e) {
        LOG.warn("Cannot hold device {}", hold.device(), e);
        socket.send(new Message.Failed(hold.device(), String.valueOf(e.getMessage())).encode());
        return;
      }
      devices.put(device.name(), device);
      byIdentity.put(device.identity(), device);
      completed.remove(device.identity());
    }
    socket.send(new Message.Holding(device.name()).encode(), device.early());
  }

  private void release(String name) throws IOException {
    KeptDevice device = devices.remove(name);
    if (device == null) {
      return;
    }
    boolean complete = device.isFilled(0, Long.MAX_VALUE);
    for (var entries = waiting.entrySet().iterator(); entries.hasNext(); ) {
      Waiting read = entries.next().getValue();
      if (read.device() == device) {
        entries.remove();
        answer(read, complete);
      }
    }
    if (complete) {
      remember(device.identity());
      end(device);
    } else {
      leaving.add(device);
    }
  }

  private void remember(Descriptor.Identity complete) {
    completed.add(complete);
    if (completed.size() > REMEMBERED) {
      completed.remove(completed.iterator().next());
    }
  }

  private void end(KeptDevice device) throws IOException {
    byIdentity.remove(device.identity());
    device.unmark(group);
    device.close();
  }

  /** Lets go of devices that were released before they were complete and are used no more. */
  private synchronized void endLeaving() {
    for (var devices = leaving.iterator(); devices.hasNext(); ) {
      KeptDevice device = devices.next();
      try {
        if (device.early().isOnlyOpener()) {
          devices.remove();
          end(device);
        }
      } catch (IOException e) {
        LOG.warn("Device {} cannot be let go of yet", device.name(), e);
      }
    }
    endIfLast();
  }

  private void answer(long id, boolean allowed) {
    Waiting read = waiting.remove(id);
    if (read != null) {
      answer(read, allowed);
    }
  }

  private void answer(Waiting read, boolean allowed) {
    answer(read.event(), allowed);
  }

  private void answer(PreContentGroup.Event event, boolean allowed) {
    try {
      if (allowed) {
        group.allow(event);
      } else {
        group.refuse(event);
      }
    } catch (KernelException e) {
      LOG.debug("Nobody waits for an answer any more", e); // killed, or its device was released
    }
  }

  private void readEvents() {
    while (!hasEnded()) {
      try {
        group.await(WAIT_MILLIS).forEach(this::take);
        endLeaving();
      } catch (KernelException e) {
        if (!hasEnded()) {
          LOG.error("Reading events failed; going on", e);
        }
      }
    }
  }

  private synchronized void take(PreContentGroup.Event event) {
    Descriptor.Identity identity;
    try {
      identity = event.file().identity();
    } catch (KernelException e) {
      LOG.error("An event is for a file that cannot be asked which it is: refused", e);
      answer(event, false);
      return;
    }
    KeptDevice device = byIdentity.get(identity);
    if (device == null) {
      answer(event, completed.contains(identity));
    } else if (device.isFilled(event.offset(), event.count())) {
      answer(event, true);
    } else if (leaving.contains(device)) {
      answer(event, false);
    } else {
      Waiting read = new Waiting(device, event);
      long id = ++lastId;
      waiting.put(id, read);
      ask(id);
    }
  }

  private void ask(long id) {
    PassingSocket asked = snapshotter;
    Waiting read = waiting.get(id);
    if (asked == null || read == null) {
      return;
    }
    try {
      asked.send(ask(id, read));
    } catch (KernelException e) {
      LOG.debug("The snapshotter has just gone; the next one is asked", e);
    }
  }

  private static ByteBuffer ask(long id, Waiting read) {
    return new Message.Read(id, read.device().name(), read.event().offset(), read.event().count())
        .encode();
  }

  /** Lets go of everything: nothing that is held may be mounted any more. */
  @Override
  public void close() throws IOException {
    ended.countDown();
    listening.shutdown();
    synchronized (this) {
      if (snapshotter != null) {
        snapshotter.shutdown();
      }
    }
    try {
      accepting.join();
      events.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the keeper ended", e);
    }
    listening.close();
    synchronized (this) {
      for (KeptDevice device : byIdentity.values()) {
        device.close();
      }
      group.close();
    }
    Files.deleteIfExists(path);
  }
}
