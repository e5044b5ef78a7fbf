package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Tells the store's owner which blobs other processes have open. Thread-safe. */
final class BlobPins implements AutoCloseable {
  /*
   * A pin is a shared lock (fcntl) on one byte of the file pins.lock, at an offset that the blob's
   * digest determines; the file itself stays empty. The owner takes the byte's lock exclusively
   * before it deletes the blob and keeps it until the files are gone. So a blob cannot be evicted
   * while somebody reads it, nobody can begin to read it while it is being evicted, and the pins of
   * a process that was killed go with it, without anybody having to clear them away.
   *
   * Such locks belong to a process, and all go when it closes any descriptor of the file. So a
   * process has the file open once at most, and touches it from one thread that nobody interrupts:
   * an interrupted thread would close the channel.
   */
  private static final String NAME = "pins.lock";
  private static final Set<Path> OPEN_IN_THIS_PROCESS = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;
  private final ExecutorService thread;

  /** Owned by the thread. */
  private final Map<Long, Pin> pins = new HashMap<>();

  private BlobPins(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
    this.thread =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("blob-pins").factory());
  }

  /** A lock, and how many in this process want it. */
  private static final class Pin {
    final FileLock lock;
    int count;

    Pin(FileLock lock) {
      this.lock = lock;
    }
  }

  /** For the process that owns the store. */
  static BlobPins own(Path root) throws IOException {
    return open(root, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** For a process that reads it; there must have been an owner. */
  static BlobPins share(Path root) throws IOException {
    return open(root, StandardOpenOption.READ);
  }

  private static BlobPins open(Path root, OpenOption... options) throws IOException {
    Path file = root.toRealPath().resolve(NAME);
    if (!OPEN_IN_THIS_PROCESS.add(file)) {
      throw new IOException(
          "cannot open the piece store " + root + ": this process has it open already; use that");
    }
    try {
      return new BlobPins(file, FileChannel.open(file, options));
    } catch (IOException e) {
      OPEN_IN_THIS_PROCESS.remove(file);
      throw e;
    }
  }

  /** Keeps the owner from deleting the blob; waits while it is just doing so. */
  void pin(Digest blob) throws IOException {
    onThread(() -> {
      Pin pin = pins.get(position(blob));
      if (pin == null) {
        pin = new Pin(channel.lock(position(blob), 1, true));
        pins.put(position(blob), pin);
      }
      pin.count++;
      return pin.count;
    });
  }

  void unpin(Digest blob) throws IOException {
    onThread(() -> {
      Pin pin = pins.get(position(blob));
      if (pin != null && --pin.count == 0) {
        pins.remove(position(blob));
        pin.lock.release();
      }
      return 0;
    });
  }

  /** Which of these blobs other processes have open now. */
  Set<Digest> pinned(Collection<Digest> blobs) throws IOException {
    return onThread(() -> {
      Set<Digest> pinned = new HashSet<>();
      if (free(0, Long.MAX_VALUE)) {
        return pinned;
      }
      for (Digest blob : blobs) {
        if (!free(position(blob), 1)) {
          pinned.add(blob);
        }
      }
      return pinned;
    });
  }

  private boolean free(long position, long size) throws IOException {
    FileLock lock = tryLock(position, size);
    if (lock != null) {
      lock.release();
    }
    return lock != null;
  }

  /**
   * Keeps other processes from opening a blob until the answer is closed; empty if one has it open.
   */
  Optional<Hold> hold(Digest blob) throws IOException {
    FileLock lock = onThread(() -> tryLock(position(blob), 1));
    return lock == null
        ? Optional.empty()
        : Optional.of(() ->
            onThread(() -> {
              lock.release();
              return 0;
            }));
  }

  /** Others wait for it to be closed. */
  @FunctionalInterface
  interface Hold extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  private @Nullable FileLock tryLock(long position, long size) throws IOException {
    try {
      return channel.tryLock(position, size, false);
    } catch (OverlappingFileLockException e) {
      return null; // this process is deleting the blob in another thread
    }
  }

  /** Where a blob's byte is; two blobs may share one, and are then pinned together. */
  private static long position(Digest blob) {
    return ByteBuffer.wrap(blob.hash()).getLong() & Long.MAX_VALUE >>> 1;
  }

  private <T extends @Nullable Object> T onThread(Step<T> step) throws IOException {
    try {
      return CompletableFuture.supplyAsync(
              () -> {
                try {
                  return step.run();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              thread)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failed) {
        throw new IOException("cannot lock " + file, failed.getCause());
      }
      throw e;
    }
  }

  /** Something to do on the thread. */
  @FunctionalInterface
  private interface Step<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /** All pins of this process are gone after this. */
  @Override
  public void close() throws IOException {
    thread.close();
    try {
      channel.close();
    } finally {
      OPEN_IN_THIS_PROCESS.remove(file);
    }
  }
}
