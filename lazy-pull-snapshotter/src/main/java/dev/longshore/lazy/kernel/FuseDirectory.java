package dev.longshore.lazy.kernel;

import java.util.List;
import java.util.Optional;

/** The files of a flat, read-only directory that is served through FUSE. Safe for many threads. */
public interface FuseDirectory {

  /**
   * A file.
   *
   * @param id by which the kernel knows it: above 1, another file's never while it is open, the
   *     same whoever serves it
   * @param name in the directory
   * @param size bytes; always the same
   */
  record File(long id, String name, long size) {}

  /** The file with this name. */
  Optional<File> find(String name);

  /** The file that the kernel knows by this, also when it has no name any more. */
  Optional<File> find(long id);

  /** Every file that has a name. */
  List<File> list();

  /** Somebody opens a file; false when it is not there. */
  boolean open(long id);

  /** As many as opened it have let go. */
  void release(long id);

  /** Somebody waits to read: to be answered once, now or later, on any thread; returns soon. */
  void read(FuseRead read);
}
