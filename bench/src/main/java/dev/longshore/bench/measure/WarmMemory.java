package dev.longshore.bench.measure;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Memory that the host has already given to the machine, for measured processes to write their
 * files to. On a virtual machine that gives freed pages back, writing to a page for the first time
 * costs several times what the write itself does, and who pays for it would be chance: whoever
 * starts after a large process has ended pays nothing.
 */
public final class WarmMemory implements AutoCloseable {
  /** More than the largest chunk of the C library's heap, so that it is unmapped when freed. */
  private static final long STEP = 64 << 20;

  /** Never held: what the measured processes and the kernel need besides. */
  private static final long LEFT_ALONE = 2L << 30;

  /** A freed page goes back to the host after some two seconds; so much is free before that. */
  private static final long AHEAD_SECONDS = 1;

  private final Deque<Arena> held = new ArrayDeque<>();
  private @Nullable Thread giver;

  private WarmMemory() {}

  /** Takes so many bytes and touches each page, as far as the machine has them. */
  public static WarmMemory hold(long bytes) throws IOException {
    WarmMemory memory = new WarmMemory();
    long most = Math.min(bytes, available() - LEFT_ALONE);
    for (long size = 0; size < most; size += STEP) {
      Arena arena = Arena.ofShared();
      memory.held.add(arena);
      MemorySegment _ = arena.allocate(STEP).fill((byte) 1);
    }
    return memory;
  }

  /** Takes memory and gives it all back at once, for a writer that is done within a second. */
  public static void provide(long bytes) throws IOException {
    hold(bytes).close();
  }

  private static long available() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
              .filter(line -> line.startsWith("MemAvailable:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElse(0)
          << 10;
    }
  }

  /**
   * Begins to give it back bit by bit, about as fast as it is written to.
   *
   * @param bytesPerSecond that the measured processes write together
   */
  public void giveBack(long bytesPerSecond) {
    long pause = STEP * 1_000 / Math.max(1, bytesPerSecond);
    giveBackBytes(AHEAD_SECONDS * bytesPerSecond);
    giver =
        Thread.ofPlatform()
            .name("warm-memory")
            .start(() -> {
              try {
                while (giveBackBytes(STEP)) {
                  Thread.sleep(pause);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // what was measured is over
              }
            });
  }

  private synchronized boolean giveBackBytes(long bytes) {
    for (long given = 0; given < bytes && !held.isEmpty(); given += STEP) {
      held.removeFirst().close();
    }
    return !held.isEmpty();
  }

  @Override
  public void close() {
    Thread giving = giver;
    if (giving != null) {
      giving.interrupt();
    }
    giveBackBytes(Long.MAX_VALUE);
  }
}
