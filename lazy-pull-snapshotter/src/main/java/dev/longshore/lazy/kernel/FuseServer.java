package dev.longshore.lazy.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what the kernel asks of a FUSE mount that is one flat directory: threads that each read a
 * request and answer it, but for reads, which the directory answers.
 */
public final class FuseServer implements AutoCloseable {

  /*
   * What is not named here fails with ENOSYS. So does INTERRUPT, on purpose: the kernel sends one
   * for any signal (a JVM's and Go's among them), not only for those that kill, and to cut a read
   * short would be an error of EROFS in the middle of a healthy program. Having heard ENOSYS once,
   * it sends none any more and waits for the answer (fs/fuse/dev.c, request_wait_answer).
   *
   * Files are opened for direct reads: EROFS keeps what it has read, the sparse file below is kept as
   * well, and a third copy in between made nothing faster that was not there yet.
   */

  private static final Logger LOG = LoggerFactory.getLogger(FuseServer.class);

  private final FuseConnection connection;
  private final FuseDirectory directory;
  private final List<Thread> threads = new ArrayList<>();

  private FuseServer(FuseConnection connection, FuseDirectory directory) {
    this.connection = connection;
    this.directory = directory;
  }

  /** Begins to serve; the connection is the server's from now on. */
  public static FuseServer start(FuseConnection connection, FuseDirectory directory, int threads) {
    FuseServer server = new FuseServer(connection, directory);
    for (int i = 0; i < threads; i++) {
      server.threads.add(Thread.ofPlatform().name("fuse-" + i).daemon().start(server::serve));
    }
    return server;
  }

  private void serve() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(FuseFormat.REQUEST_BYTES, Long.BYTES);
      MemorySegment state = CLibrary.callState(arena);
      while (connection.receive(request, state)) {
        handle(request);
      }
    } catch (KernelException e) {
      LOG.error("Serving {} failed; what is mounted on its files hangs", connection, e);
    }
  }

  private void handle(MemorySegment request) {
    long id = FuseFormat.id(request);
    try {
      switch (FuseFormat.code(request)) {
        case FuseFormat.READ -> read(request, id);
        case FuseFormat.RELEASE -> release(request, id);
        case FuseFormat.FORGET, FuseFormat.BATCH_FORGET -> {} // no answer, and nothing to forget
        default -> answer(request, id);
      }
    } catch (KernelException | RuntimeException e) { // the others have to be answered still
      LOG.error("Request of kind {} failed", FuseFormat.code(request), e);
    }
  }

  private void read(MemorySegment request, long id) throws KernelException {
    long file = FuseFormat.node(request);
    long offset = FuseFormat.offset(request);
    int size = FuseFormat.size(request);
    if (offset < 0 || size < 0 || size > FuseConnection.MAX_READ) {
      connection.finish(id, Errno.EINVAL);
      return;
    }
    directory.read(new FuseRead(connection, id, file, offset, size));
  }

  private void release(MemorySegment request, long id) throws KernelException {
    directory.release(FuseFormat.node(request));
    connection.finish(id, 0);
  }

  private void answer(MemorySegment request, long id) throws KernelException {
    try (FuseConnection.Answer answer = connection.answer()) {
      long bytes = answer(request, answer.payload());
      if (bytes >= 0) {
        answer.send(id, bytes);
      } else {
        connection.finish(id, (int) -bytes);
      }
    }
  }

  /** Returns the payload's bytes, or a negative errno. */
  private long answer(MemorySegment request, MemorySegment out) {
    long node = FuseFormat.node(request);
    return switch (FuseFormat.code(request)) {
      case FuseFormat.INIT -> init(request, out);
      case FuseFormat.LOOKUP ->
          found(directory.find(FuseFormat.name(request)), file -> FuseFormat.entry(out, file));
      case FuseFormat.GETATTR ->
          node == FuseFormat.ROOT
              ? FuseFormat.rootAttributes(out)
              : found(directory.find(node), file -> FuseFormat.attributes(out, file));
      case FuseFormat.OPEN -> directory.open(node) ? FuseFormat.opened(out) : -Errno.ENOENT;
      case FuseFormat.STATFS -> FuseFormat.statfs(out);
      case FuseFormat.OPENDIR -> FuseFormat.openedDirectory(out);
      case FuseFormat.READDIR -> listing(request, out);
      case FuseFormat.RELEASEDIR, FuseFormat.DESTROY -> 0;
      default -> -Errno.ENOSYS;
    };
  }

  private static long init(MemorySegment request, MemorySegment out) {
    if (FuseFormat.major(request) < FuseFormat.MAJOR) {
      return -Errno.EPROTO;
    }
    return FuseFormat.init(out, request); // one that is newer comes again with our version
  }

  private long listing(MemorySegment request, MemorySegment out) {
    long room = Math.clamp(FuseFormat.size(request), 0, out.byteSize());
    return FuseFormat.listing(out, directory.list(), Math.max(0, FuseFormat.offset(request)), room);
  }

  private interface Encoder {
    long encode(FuseDirectory.File file);
  }

  private static long found(Optional<FuseDirectory.File> file, Encoder encoder) {
    return file.isPresent() ? encoder.encode(file.get()) : -Errno.ENOENT;
  }

  /** Takes the mount away; see {@link FuseConnection#abort}. */
  @Override
  public void close() throws KernelException {
    connection.abort();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return; // the descriptor stays open: a thread may still use its number
    }
    connection.close();
  }
}
