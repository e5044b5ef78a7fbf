package dev.longshore.layer;

import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Entries of tar streams, made by hand. */
public final class TestEntry {
  private TestEntry() {}

  public static TarEntry directory(String path) {
    return of(path, EntryType.DIRECTORY, 0755, "", Map.of());
  }

  public static TarEntry file(String path) {
    return of(path, EntryType.FILE, 0644, "", Map.of());
  }

  public static TarEntry file(String path, int mode, Map<String, String> xattrs) {
    return of(path, EntryType.FILE, mode, "", xattrs);
  }

  /** A file with all its bytes at an offset of the tar stream. */
  public static TarEntry file(String path, long streamOffset, long size) {
    return sparse(path, size, List.of(new Segment(0, streamOffset, size)));
  }

  public static TarEntry sparse(String path, long size, List<Segment> data) {
    return new TarEntry(
        path, EntryType.FILE, 0644, 0, 0, 0, 0, size, "", 0, 0, new TreeMap<>(), data);
  }

  public static TarEntry symlink(String path, String target) {
    return of(path, EntryType.SYMLINK, 0777, target, Map.of());
  }

  public static TarEntry link(String path, String target) {
    return of(path, EntryType.HARD_LINK, 0644, target, Map.of());
  }

  public static TarEntry of(
      String path, EntryType type, int mode, String target, Map<String, String> xattrs) {
    return new TarEntry(
        path, type, mode, 0, 0, 0, 0, 0, target, 0, 0, new TreeMap<>(xattrs), List.of());
  }

  public static TarEntry device(String path, EntryType type, int major, int minor) {
    return new TarEntry(
        path, type, 0600, 0, 0, 0, 0, 0, "", major, minor, new TreeMap<>(), List.of());
  }

  public static TarEntry owned(
      String path, EntryType type, int mode, long uid, long gid, long seconds, int nanos) {
    return new TarEntry(
        path, type, mode, uid, gid, seconds, nanos, 0, "", 0, 0, new TreeMap<>(), List.of());
  }
}
