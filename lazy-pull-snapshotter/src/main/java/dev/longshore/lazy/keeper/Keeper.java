package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.PassingSocket;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds devices and what the kernel must not lose with them, and has whichever snapshotter is
 * connected fill what somebody waits for.
 *
 * <p>A read goes from a {@link DeviceServer} to the {@link WaitingTable}, which lets it go on or
 * asks the snapshotter, whose answer comes in by {@link SnapshotterConnections} and here.
 */
final class Keeper implements SnapshotterConnections.Conversation, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);
  private static final String FUSE_FOLDER = "devices";

  private final SnapshotterConnections connections;
  private final Path fuseFolder;
  private final WaitingTable waiting = new WaitingTable();
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Each opened when its first device comes: a kernel need not have all. */
  private final Map<DeviceKind, DeviceServer> servers = new EnumMap<>(DeviceKind.class); // by this

  private final Map<String, KeptDevice> devices = new HashMap<>(); // guarded by this
  private @Nullable PassingSocket current; // the latest snapshotter; guarded by this
  private boolean ending; // guarded by this

  private Keeper(SnapshotterConnections connections, Path fuseFolder) {
    this.connections = connections;
    this.fuseFolder = fuseFolder;
  }

  /** Listens for snapshotters at this path; devices on FUSE appear in a folder beside it. */
  static Keeper open(Path socket) throws IOException {
    SnapshotterConnections connections = SnapshotterConnections.listen(socket);
    Path fuseFolder = socket.toAbsolutePath().resolveSibling(FUSE_FOLDER);
    FuseDevices.cleanUp(fuseFolder);
    Keeper keeper = new Keeper(connections, fuseFolder);
    keeper.connections.start(keeper);
    return keeper;
  }

  /** Waits until a snapshotter has said that this keeper is to end. */
  void await() throws InterruptedException {
    ended.await();
  }

  @Override
  public synchronized void begin(PassingSocket snapshotter) throws IOException {
    if (ended.getCount() == 0) {
      throw new EOFException("this keeper has just ended; the next one is for whoever has come");
    }
    ending = false;
    current = snapshotter;
    snapshotter.send(new Message.Hello(Message.VERSION, devices.size()).encode());
    for (KeptDevice device : devices.values()) {
      tell(snapshotter, device);
    }
    waiting.connect(snapshotter);
  }

  @Override
  public void hear(PassingSocket snapshotter, Message message) throws IOException {
    switch (message) {
      case Message.Hold hold -> hold(snapshotter, hold);
      case Message.Release(String name) -> {
        release(name);
        snapshotter.send(new Message.Released(name).encode());
      }
      case Message.Allow(long id) -> waiting.answer(id, true);
      case Message.Refuse(long id) -> waiting.answer(id, false);
      case Message.Exit() -> exit(snapshotter);
      case Message.Hello _,
          Message.Holding _,
          Message.Failed _,
          Message.Read _,
          Message.Released _ ->
          throw new IOException("a snapshotter does not say " + message);
    }
  }

  @Override
  public void end(PassingSocket snapshotter) {
    waiting.disconnect(snapshotter);
  }

  private synchronized void hold(PassingSocket snapshotter, Message.Hold hold) throws IOException {
    KeptDevice device = devices.get(hold.device());
    if (device == null) {
      try {
        device = server(hold.kind()).hold(hold.device(), hold.data(), hold.table());
      } catch (IOException e) {
        LOG.warn("Cannot hold device {}", hold.device(), e);
        snapshotter.send(
            new Message.Failed(hold.device(), String.valueOf(e.getMessage())).encode());
        return;
      }
      devices.put(device.name(), device);
    }
    tell(snapshotter, device);
  }

  private static void tell(PassingSocket snapshotter, KeptDevice device) throws IOException {
    snapshotter.send(
        new Message.Holding(device.name(), device.kind(), device.path()).encode(), device.early());
  }

  private DeviceServer server(DeviceKind kind) throws IOException {
    DeviceServer open = servers.get(kind);
    if (open == null) {
      open =
          switch (kind) {
            case FANOTIFY -> PreContentDevices.open(waiting, this::endIfLast);
            case FUSE -> FuseDevices.mount(fuseFolder, waiting, this::endIfLast);
            case PLAIN -> throw new IOException("a plain device needs no keeper");
          };
      servers.put(kind, open);
    }
    return open;
  }

  private synchronized void release(String name) throws IOException {
    KeptDevice device = devices.remove(name);
    if (device != null) {
      waiting.leave(device);
      server(device.kind()).release(device);
    }
  }

  private synchronized void exit(PassingSocket snapshotter) {
    ending = devices.isEmpty() && snapshotter.equals(current);
    if (!ending) {
      LOG.info("Still holding {} devices, or serving another: staying", devices.size());
    }
    endIfLast();
  }

  private synchronized void endIfLast() {
    if (ending && servers.values().stream().allMatch(DeviceServer::isEmpty)) {
      ended.countDown();
    }
  }

  /** Lets go of everything: nothing that is held may be mounted any more. */
  @Override
  public void close() throws IOException {
    ended.countDown();
    connections.close();
    List<DeviceServer> open;
    synchronized (this) {
      open = List.copyOf(servers.values()); // closed without the lock, which their threads take
    }
    for (DeviceServer server : open) {
      server.close();
    }
  }
}
