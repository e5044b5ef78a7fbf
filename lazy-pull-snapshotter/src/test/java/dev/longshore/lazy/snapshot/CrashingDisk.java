package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A disk whose machine loses its power before a given operation. What was not synced may be lost:
 * of the changes in a folder the latest ones, of a file any part.
 */
final class CrashingDisk implements Disk {

  /** Thrown at the crash, and by whatever is tried after. */
  static final class Crash extends Error {
    Crash() {
      super("the power is gone");
    }
  }

  /** What a file holds, under whatever names; {@code synced} of it is on disk. */
  private static final class Inode {
    byte[] content = new byte[0];
    byte[] synced = new byte[0];
  }

  /** A change of a folder that is not synced yet. */
  private interface Change {
    void apply(Map<Path, Inode> names);
  }

  private final Random random;
  private int operationsLeft;
  private boolean crashed;
  private final Map<Path, Inode> names = new HashMap<>();
  private final Map<Path, Inode> durableNames = new HashMap<>();
  private final Map<Path, List<Change>> pending = new HashMap<>();
  private final List<Path> pendingFolders = new ArrayList<>();

  /**
   * @param records the folder whose files are on disk already
   */
  CrashingDisk(Path records, int operations, Random random) throws IOException {
    this.random = random;
    this.operationsLeft = operations;
    if (Files.exists(records)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(records)) {
        for (Path file : files) {
          Inode inode = new Inode();
          inode.content = Files.readAllBytes(file);
          inode.synced = inode.content;
          names.put(file, inode);
          durableNames.put(file, inode);
        }
      }
    }
  }

  private synchronized void operate() {
    if (crashed || operationsLeft-- <= 0) {
      crashed = true;
      throw new Crash();
    }
  }

  synchronized boolean hasCrashed() {
    return crashed;
  }

  private void change(Path file, Change change) {
    change.apply(names);
    Path folder = Objects.requireNonNull(file.getParent());
    pending.computeIfAbsent(folder, _ -> new ArrayList<>()).add(change);
  }

  @Override
  public void createFolder(Path folder, Set<PosixFilePermission> permissions) throws IOException {
    operate();
    REAL.createFolder(folder, permissions);
    pendingFolders.add(folder);
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    operate();
    REAL.write(file, content);
    Inode inode = names.get(file);
    if (inode == null) {
      Inode made = new Inode();
      made.content = content;
      change(file, all -> all.put(file, made));
    } else {
      inode.content = content;
    }
  }

  @Override
  public void sync(Path file) {
    operate();
    Inode inode = inode(names, file);
    inode.synced = inode.content;
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    operate();
    REAL.rename(from, to);
    change(
        from,
        all -> {
          Inode moved = all.remove(from);
          if (moved != null) {
            all.put(to, moved);
          }
        });
  }

  @Override
  public void delete(Path file) throws IOException {
    operate();
    REAL.delete(file);
    change(file, all -> all.remove(file));
  }

  @Override
  public void syncFolder(Path folder) {
    operate();
    pending.getOrDefault(folder, List.of()).forEach(change -> change.apply(durableNames));
    pending.remove(folder);
    pendingFolders.removeIf(each -> folder.equals(each.getParent()));
  }

  private static Inode inode(Map<Path, Inode> names, Path file) {
    @Nullable Inode inode = names.get(file);
    if (inode == null) {
      throw new AssertionError(file + " is not there");
    }
    return inode;
  }

  /** Makes the real folder what the disk has after the power came back. */
  void comeBack(Path records) throws IOException {
    pending.forEach((_, changes) ->
        changes
            .subList(0, random.nextInt(changes.size() + 1))
            .forEach(change -> change.apply(durableNames)));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(records)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    for (Map.Entry<Path, Inode> entry : durableNames.entrySet()) {
      Inode inode = entry.getValue();
      byte[] content = inode.synced;
      if (!Arrays.equals(content, inode.content) && random.nextBoolean()) {
        content = Arrays.copyOf(inode.content, random.nextInt(inode.content.length + 1));
      }
      Files.write(entry.getKey(), content);
    }
    for (Path folder : pendingFolders.reversed()) {
      if (random.nextBoolean() && Files.exists(folder) && folder.toFile().list().length == 0) {
        Files.delete(folder);
      }
    }
  }
}
