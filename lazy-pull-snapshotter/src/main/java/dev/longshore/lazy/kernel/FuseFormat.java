package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Where the parts of FUSE's messages lie: {@code include/uapi/linux/fuse.h}, version 7.31. */
final class FuseFormat {
  static final int MAJOR = 7;

  /** What we speak; 7.28 brought the larger reads. */
  static final int MINOR = 31;

  static final int LOOKUP = 1;
  static final int FORGET = 2;
  static final int GETATTR = 3;
  static final int OPEN = 14;
  static final int READ = 15;
  static final int STATFS = 17;
  static final int RELEASE = 18;
  static final int INIT = 26;
  static final int OPENDIR = 27;
  static final int READDIR = 28;
  static final int RELEASEDIR = 29;
  static final int DESTROY = 38;
  static final int BATCH_FORGET = 42;

  /** The directory. */
  static final long ROOT = 1;

  /** {@code FUSE_MIN_READ_BUFFER}: room for each request, of which none here is large. */
  static final int REQUEST_BYTES = 8192;

  static final int ANSWER_HEADER = 16;

  private static final int REQUEST_HEADER = 40;
  private static final int ATTRIBUTES = 88;
  private static final int ASYNC_READ = 1;
  private static final int PARALLEL_DIROPS = 1 << 18;
  private static final int MAX_PAGES = 1 << 22;
  private static final int DIRECT_IO = 1;
  private static final short MOST_IN_BACKGROUND = 64;
  private static final int PAGE = 4096;
  private static final int SECTOR = 512;
  private static final int DIRECTORY_MODE = 0040555;
  private static final int FILE_MODE = 0100444;
  private static final int LONGEST_NAME = 255;
  private static final byte DIRECTORY = 4;
  private static final byte FILE = 8;
  private static final int NAME_IN_ENTRY = 24;

  /** A file's size does not change; its name may be another file's any time. */
  private static final long ATTRIBUTE_SECONDS = 3600;

  private FuseFormat() {}

  // Requests: length u32, code u32, request u64, node u64, and who asks.

  static int code(MemorySegment request) {
    return request.get(JAVA_INT, 4);
  }

  static long id(MemorySegment request) {
    return request.get(JAVA_LONG, 8);
  }

  static long node(MemorySegment request) {
    return request.get(JAVA_LONG, 16);
  }

  /** The name that a lookup asks for. */
  static String name(MemorySegment request) {
    return request.getString(REQUEST_HEADER, StandardCharsets.UTF_8);
  }

  /** The version that the kernel speaks. */
  static int major(MemorySegment request) {
    return request.get(JAVA_INT, REQUEST_HEADER);
  }

  static int minor(MemorySegment request) {
    return request.get(JAVA_INT, REQUEST_HEADER + 4);
  }

  // fuse_read_in, which READDIR has too: handle u64, offset u64, size u32.

  static long offset(MemorySegment request) {
    return request.get(JAVA_LONG, REQUEST_HEADER + 8);
  }

  static int size(MemorySegment request) {
    return request.get(JAVA_INT, REQUEST_HEADER + 16);
  }

  // Answers: length u32, negative errno s32, request u64.

  static void header(MemorySegment answer, long length, long request, int errno) {
    answer.set(JAVA_INT, 0, (int) length);
    answer.set(JAVA_INT, 4, -errno);
    answer.set(JAVA_LONG, 8, request);
  }

  /** {@code fuse_init_out}: what we want of what this request offers. Returns its bytes. */
  static long init(MemorySegment out, MemorySegment request) {
    int offered = request.get(JAVA_INT, REQUEST_HEADER + 12);
    out.asSlice(0, 64).fill((byte) 0);
    out.set(JAVA_INT, 0, MAJOR);
    out.set(JAVA_INT, 4, MINOR);
    out.set(JAVA_INT, 8, FuseConnection.MAX_READ);
    out.set(JAVA_INT, 12, offered & (ASYNC_READ | PARALLEL_DIROPS | MAX_PAGES));
    out.set(JAVA_SHORT, 16, MOST_IN_BACKGROUND);
    out.set(JAVA_SHORT, 18, MOST_IN_BACKGROUND);
    out.set(JAVA_INT, 20, PAGE); // the largest write: there is none, and this is the least allowed
    out.set(JAVA_INT, 24, 1);
    out.set(JAVA_SHORT, 28, (short) (FuseConnection.MAX_READ / PAGE));
    return 64;
  }

  /** {@code fuse_entry_out}: a lookup's answer. Returns its bytes. */
  static long entry(MemorySegment out, FuseDirectory.File file) {
    out.asSlice(0, 40).fill((byte) 0);
    out.set(JAVA_LONG, 0, file.id());
    out.set(JAVA_LONG, 24, ATTRIBUTE_SECONDS);
    attributes(out.asSlice(40), file.id(), file.size(), FILE_MODE);
    return 40 + ATTRIBUTES;
  }

  /** {@code fuse_attr_out} of a file. Returns its bytes. */
  static long attributes(MemorySegment out, FuseDirectory.File file) {
    out.asSlice(0, 16).fill((byte) 0);
    out.set(JAVA_LONG, 0, ATTRIBUTE_SECONDS);
    attributes(out.asSlice(16), file.id(), file.size(), FILE_MODE);
    return 16 + ATTRIBUTES;
  }

  /** {@code fuse_attr_out} of the directory. Returns its bytes. */
  static long rootAttributes(MemorySegment out) {
    out.asSlice(0, 16).fill((byte) 0);
    attributes(out.asSlice(16), ROOT, 0, DIRECTORY_MODE);
    return 16 + ATTRIBUTES;
  }

  /** {@code fuse_attr}: number, size, sectors, three times as u64, their nanoseconds, the rest. */
  private static void attributes(MemorySegment out, long number, long size, int mode) {
    out.asSlice(0, ATTRIBUTES).fill((byte) 0);
    out.set(JAVA_LONG, 0, number);
    out.set(JAVA_LONG, 8, size);
    out.set(JAVA_LONG, 16, (size + SECTOR - 1) / SECTOR);
    out.set(JAVA_INT, 60, mode);
    out.set(JAVA_INT, 64, mode == DIRECTORY_MODE ? 2 : 1);
    out.set(JAVA_INT, 80, PAGE);
  }

  /** {@code fuse_open_out} of a file, without a handle. Returns its bytes. */
  static long opened(MemorySegment out) {
    openedDirectory(out);
    out.set(JAVA_INT, 8, DIRECT_IO);
    return 16;
  }

  /** {@code fuse_open_out} of the directory. Returns its bytes. */
  static long openedDirectory(MemorySegment out) {
    out.asSlice(0, 16).fill((byte) 0);
    return 16;
  }

  /** {@code fuse_statfs_out}: no room. Returns its bytes. */
  static long statfs(MemorySegment out) {
    out.asSlice(0, 80).fill((byte) 0);
    out.set(JAVA_INT, 40, PAGE);
    out.set(JAVA_INT, 44, LONGEST_NAME);
    out.set(JAVA_INT, 48, PAGE);
    return 80;
  }

  /**
   * {@code fuse_dirent}s: number u64, where the next one is u64, length of the name u32, type u32,
   * name, padded to 8.
   *
   * @param from how many to leave out
   * @param room most bytes
   * @return bytes written
   */
  static long listing(MemorySegment out, List<FuseDirectory.File> files, long from, long room) {
    long at = 0;
    for (long i = from; i < files.size() + 2L; i++) {
      boolean dots = i < 2;
      FuseDirectory.File file = dots ? null : files.get((int) i - 2);
      byte[] name =
          (file == null ? "..".substring(0, (int) i + 1) : file.name())
              .getBytes(StandardCharsets.UTF_8);
      long bytes = (NAME_IN_ENTRY + name.length + 7) & ~7L;
      if (at + bytes > room) {
        break;
      }
      MemorySegment entry = out.asSlice(at, bytes).fill((byte) 0);
      entry.set(JAVA_LONG, 0, file == null ? ROOT : file.id());
      entry.set(JAVA_LONG, 8, i + 1);
      entry.set(JAVA_INT, 16, name.length);
      entry.set(JAVA_INT, 20, dots ? DIRECTORY : FILE);
      MemorySegment.copy(name, 0, entry, JAVA_BYTE, NAME_IN_ENTRY, name.length);
      at += bytes;
    }
    return at;
  }
}
