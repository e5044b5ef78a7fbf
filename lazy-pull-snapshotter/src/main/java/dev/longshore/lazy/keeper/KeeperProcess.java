package dev.longshore.lazy.keeper;

import dev.longshore.lazy.kernel.Errno;
import dev.longshore.lazy.kernel.KernelException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the keeper of a snapshotter, or starts it. */
public final class KeeperProcess {
  private static final Logger LOG = LoggerFactory.getLogger(KeeperProcess.class);
  private static final long START_MILLIS = 20_000;
  private static final long PAUSE_MILLIS = 20;

  /**
   * A heap of a few MiB, one collector, no second compiler: it makes few objects and waits a lot.
   * The JDK's archived classes stay where they were recorded, and so are shared with other JVMs.
   */
  private static final List<String> FLAGS =
      List.of(
          "-Xms4m",
          "-Xmx24m",
          "-Xss256k",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseCompactObjectHeaders",
          "-XX:ReservedCodeCacheSize=16m",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:ArchiveRelocationMode=0",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED");

  private KeeperProcess() {}

  /**
   * Connects to the keeper of this folder, starting it when none runs.
   *
   * @param root the snapshotter's own folder
   * @throws IOException if it cannot be started; its log then says more
   */
  public static KeeperLink connect(Path root) throws IOException {
    Path socket = root.resolve("keeper.sock");
    Optional<KeeperLink> running = running(socket);
    if (running.isPresent()) {
      return running.get();
    }
    Path log = root.resolve("keeper.log");
    Process keeper = start(socket, log);
    LOG.info("Started the keeper, process {}", keeper.pid());
    return awaited(keeper, socket, log);
  }

  /** The keeper that runs; empty when none does. One that is just ending is waited for. */
  private static Optional<KeeperLink> running(Path socket) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
    while (true) {
      try {
        return Optional.of(KeeperLink.connect(socket));
      } catch (EOFException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
      } catch (KernelException e) {
        LOG.debug("No keeper runs yet", e);
        if (e.errno() == Errno.ECONNREFUSED) {
          Files.deleteIfExists(socket); // of one that was killed
        }
        return Optional.empty();
      }
      pause();
    }
  }

  private static Process start(Path socket, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(KeeperMain.class.getName());
    command.add(socket.toString());
    ProcessBuilder.Redirect appended = ProcessBuilder.Redirect.appendTo(log.toFile());
    return new ProcessBuilder(command)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectOutput(appended)
        .redirectError(appended)
        .start();
  }

  private static KeeperLink awaited(Process keeper, Path socket, Path log) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
    while (true) {
      try {
        return KeeperLink.connect(socket);
      } catch (KernelException e) {
        boolean starting = e.errno() == Errno.ENOENT || e.errno() == Errno.ECONNREFUSED;
        if (!starting || !keeper.isAlive() || System.nanoTime() - deadline > 0) {
          throw new IOException(
              "the keeper did not start (%s); %s says why".formatted(e.getMessage(), log), e);
        }
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the keeper started", e);
    }
  }
}
