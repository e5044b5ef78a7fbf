package dev.longshore.lazy.keeper;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.Descriptor;
import dev.longshore.lazy.kernel.PassingSocket;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The snapshotter's connection to its keeper. Safe for many threads. */
public final class KeeperLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeeperLink.class);
  private static final long ANSWER_SECONDS = 30;

  private final PassingSocket socket;
  private final Map<String, HeldDevice> held;
  private final Map<String, CompletableFuture<HeldDevice>> holds = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<Boolean>> releases = new ConcurrentHashMap<>();
  private @Nullable Thread receiver; // guarded by this
  private volatile boolean closed;

  private KeeperLink(PassingSocket socket, Map<String, HeldDevice> held) {
    this.socket = socket;
    this.held = Map.copyOf(held);
  }

  /**
   * A read that waits.
   *
   * @param id for its answer
   * @param device that is read
   * @param offset of the range, bytes
   * @param count bytes; may reach beyond the device
   */
  public record WaitingRead(long id, String device, long offset, long count) {}

  /** Takes the reads that wait, on the link's own thread: returns soon, and answers later. */
  @FunctionalInterface
  public interface Readers {
    void read(WaitingRead read);
  }

  /**
   * Connects to the keeper that listens at this path.
   *
   * @throws IOException if none does, or it is of another version
   */
  public static KeeperLink connect(Path path) throws IOException {
    PassingSocket socket = PassingSocket.connect(path);
    try {
      return greeted(socket);
    } catch (IOException | IllegalArgumentException e) {
      socket.close();
      throw e;
    }
  }

  private static KeeperLink greeted(PassingSocket socket) throws IOException {
    if (!(Message.decode(socket.receive().content())
        instanceof Message.Hello(int version, int devices))) {
      throw new IOException("whoever listens is no keeper");
    }
    if (version != Message.VERSION) {
      throw new IOException(
          "the keeper that runs is of version %d, this build talks to %d: drain the node and restart"
              .formatted(version, Message.VERSION));
    }
    Map<String, HeldDevice> held = new HashMap<>();
    for (int i = 0; i < devices; i++) {
      PassingSocket.Message message = socket.receive();
      if (!(Message.decode(message.content())
          instanceof Message.Holding(String device, DeviceKind kind, Path path))) {
        throw new IOException("the keeper does not say what it holds");
      }
      held.put(device, new HeldDevice(kind, path, message.passed().orElseThrow()));
    }
    return new KeeperLink(socket, held);
  }

  /** The devices that the keeper held when this link was made; the caller's to close. */
  public Map<String, HeldDevice> held() {
    return held;
  }

  /** From now on reads go to these; those that wait already come first. */
  public synchronized void start(Readers readers) {
    receiver = Thread.ofPlatform().name("keeper-link").daemon().start(() -> receive(readers));
  }

  private void receive(Readers readers) {
    try {
      while (true) {
        PassingSocket.Message message = socket.receive();
        handle(readers, Message.decode(message.content()), message.passed().orElse(null));
      }
    } catch (IOException | IllegalArgumentException e) {
      if (closed) {
        return;
      }
      String gone = e instanceof EOFException ? "The keeper has gone" : "The keeper talks nonsense";
      LOG.error("{}: what is mounted lazily hangs or fails until this node is drained", gone, e);
      IOException lost = new IOException("the connection to the keeper is lost", e);
      holds.values().forEach(hold -> hold.completeExceptionally(lost));
      releases.values().forEach(release -> release.completeExceptionally(lost));
    }
  }

  private void handle(Readers readers, Message message, @Nullable Descriptor passed)
      throws IOException {
    switch (message) {
      case Message.Read(long id, String device, long offset, long count) ->
          readers.read(new WaitingRead(id, device, offset, count));
      case Message.Holding(String device, DeviceKind kind, Path path) when passed != null -> {
        CompletableFuture<HeldDevice> hold = holds.remove(device);
        if (hold == null || !hold.complete(new HeldDevice(kind, path, passed))) {
          passed.close();
        }
      }
      case Message.Failed(String device, String reason) -> {
        CompletableFuture<HeldDevice> hold = holds.remove(device);
        if (hold != null) {
          hold.completeExceptionally(new IOException(reason));
        }
      }
      case Message.Released(String device) -> {
        CompletableFuture<Boolean> release = releases.remove(device);
        if (release != null) {
          release.complete(true);
        }
      }
      default -> throw new IOException("a keeper does not say " + message);
    }
  }

  /**
   * Has the keeper hold a device: from now on whoever reads what is not filled waits.
   *
   * @param device its name; one that is held already is not held twice, whatever its kind
   * @param kind any but {@link DeviceKind#PLAIN}
   * @param data the sparse file, which must not be mounted yet
   * @param table which of its spans are filled
   * @return what is held, the caller's to close
   */
  public HeldDevice hold(String device, DeviceKind kind, Path data, Path table) throws IOException {
    CompletableFuture<HeldDevice> answer = new CompletableFuture<>();
    if (holds.putIfAbsent(device, answer) != null) {
      throw new IllegalStateException("device " + device + " is being held by another thread");
    }
    socket.send(new Message.Hold(device, kind, data, table).encode());
    return await(answer, "hold device " + device);
  }

  /** Has the keeper let go of a device that is complete, or that nobody has mounted any more. */
  public void release(String device) throws IOException {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    CompletableFuture<Boolean> earlier = releases.putIfAbsent(device, answer);
    if (earlier == null) {
      socket.send(new Message.Release(device).encode());
    }
    boolean released = await(earlier == null ? answer : earlier, "let go of device " + device);
    LOG.debug("Device {} let go: {}", device, released);
  }

  private static <T> T await(CompletableFuture<T> answer, String what) throws IOException {
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the keeper did not " + what + ": " + e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException("the keeper did not %s within %d s".formatted(what, ANSWER_SECONDS), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the keeper was to " + what, e);
    }
  }

  /** The range has been filled: the reader goes on. */
  public void allow(WaitingRead read) throws IOException {
    socket.send(new Message.Allow(read.id()).encode());
  }

  /** The range cannot be filled: the reader gets EIO. */
  public void refuse(WaitingRead read) throws IOException {
    socket.send(new Message.Refuse(read.id()).encode());
  }

  /** Ends the keeper, unless it still holds something; what it lets go of, it first does. */
  public void exit() throws IOException {
    closed = true;
    socket.send(new Message.Exit().encode());
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    try {
      socket.shutdown();
      if (receiver != null) {
        receiver.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      socket.close();
    }
  }
}
