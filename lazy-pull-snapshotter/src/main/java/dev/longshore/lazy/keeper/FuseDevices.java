package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.FuseConnection;
import dev.longshore.lazy.kernel.FuseDirectory;
import dev.longshore.lazy.kernel.FuseRead;
import dev.longshore.lazy.kernel.FuseServer;
import dev.longshore.lazy.kernel.KernelException;
import dev.longshore.lazy.kernel.MountTable;
import dev.longshore.lazy.kernel.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices that are files of one FUSE mount: what is filled is read from the sparse file, for the
 * rest a reader waits.
 */
final class FuseDevices implements DeviceServer {

  /*
   * A mount has its device's file open, and so has the kernel until nobody uses the file system any
   * more, overlayfs included: a device is let go of when it has been released and as often closed as
   * opened. Until then it is served, complete or not. It is known to the kernel by the inode of its
   * sparse file, which is held open here and so is nobody else's.
   */

  private static final Logger LOG = LoggerFactory.getLogger(FuseDevices.class);

  /** One may wait for the disk while the other answers; more than two made nothing faster. */
  private static final int THREADS = 2;

  private final Path point;
  private final Readers readers;
  private final Runnable letGo;
  private final FuseServer server;
  private final Map<String, Opened> byName = new ConcurrentHashMap<>();
  private final Map<Long, Opened> byNode = new ConcurrentHashMap<>();

  /** A device, and how often it is open. */
  private record Opened(KeptDevice device, AtomicLong times) {
    FuseDirectory.File file() {
      return new FuseDirectory.File(device.identity().inode(), device.name(), device.size());
    }
  }

  private FuseDevices(Path point, FuseConnection connection, Readers readers, Runnable letGo) {
    this.point = point;
    this.readers = readers;
    this.letGo = letGo;
    this.server = FuseServer.start(connection, new Directory(), THREADS);
  }

  /**
   * Mounts the directory of devices.
   *
   * @param point a folder, made when missing
   * @param letGo run whenever a device that was leaving has left
   */
  static FuseDevices mount(Path point, Readers readers, Runnable letGo) throws IOException {
    Files.createDirectories(point);
    return new FuseDevices(point, FuseConnection.mount(point), readers, letGo);
  }

  /** Takes away what a keeper that was killed left mounted there: nobody serves it any more. */
  static void cleanUp(Path point) throws IOException {
    if (MountTable.mountPoints().contains(point)) {
      Mounts.detach(point);
      Files.deleteIfExists(point);
    }
  }

  @Override
  public synchronized KeptDevice hold(String name, Path data, Path table) throws IOException {
    KeptDevice device = KeptDevice.open(DeviceKind.FUSE, name, point.resolve(name), data, table);
    Opened opened = new Opened(device, new AtomicLong());
    if (byNode.putIfAbsent(device.identity().inode(), opened) != null) {
      device.close();
      throw new IOException("file " + data + " is still a device by another name");
    }
    byName.put(name, opened);
    return device;
  }

  @Override
  public synchronized void release(KeptDevice device) throws IOException {
    Opened opened = byName.remove(device.name());
    if (opened != null && opened.times().get() == 0) {
      end(opened);
    }
  }

  private void end(Opened opened) throws IOException {
    if (byNode.remove(opened.device().identity().inode(), opened)) {
      opened.device().close();
    }
  }

  @Override
  public boolean isEmpty() {
    return byNode.isEmpty();
  }

  private synchronized boolean open(long node) {
    Opened opened = byNode.get(node);
    if (opened == null) {
      return false;
    }
    opened.times().incrementAndGet();
    return true;
  }

  private void closed(long node) {
    synchronized (this) {
      Opened opened = byNode.get(node);
      if (opened == null || opened.times().decrementAndGet() > 0 || !opened.device().isLeaving()) {
        return;
      }
      try {
        end(opened);
      } catch (IOException e) {
        LOG.warn("Device {} did not close", opened.device().name(), e);
      }
    }
    letGo.run();
  }

  /** What the kernel is told. */
  private final class Directory implements FuseDirectory {
    @Override
    public Optional<File> find(String name) {
      return Optional.ofNullable(byName.get(name)).map(Opened::file);
    }

    @Override
    public Optional<File> find(long id) {
      return Optional.ofNullable(byNode.get(id)).map(Opened::file);
    }

    @Override
    public List<File> list() {
      return byName.values().stream().map(Opened::file).toList();
    }

    @Override
    public boolean open(long id) {
      return FuseDevices.this.open(id);
    }

    @Override
    public void release(long id) {
      closed(id);
    }

    @Override
    public void read(FuseRead read) {
      Opened opened = byNode.get(read.file());
      if (opened != null) {
        readers.read(opened.device(), new DeviceRead(opened.device(), read));
        return;
      }
      try {
        read.fail();
      } catch (KernelException e) {
        LOG.warn("A read of a file that is not there was not answered", e);
      }
    }
  }

  private record DeviceRead(KeptDevice device, FuseRead read) implements KernelRead {
    @Override
    public long offset() {
      return read.offset();
    }

    @Override
    public long count() {
      return read.count();
    }

    @Override
    public void allow() {
      try {
        read.reply(device.early(), device.size());
      } catch (KernelException e) {
        LOG.warn("Device {} could not be read at {}", device.name(), read.offset(), e);
      }
    }

    @Override
    public void refuse() throws KernelException {
      read.fail();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Opened opened : byNode.values()) {
      opened.device().close();
    }
    Files.deleteIfExists(point);
  }
}
