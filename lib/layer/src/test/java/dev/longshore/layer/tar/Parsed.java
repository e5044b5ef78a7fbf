package dev.longshore.layer.tar;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Parses whole archives for tests. */
final class Parsed {
  private Parsed() {}

  /** Entries of an archive that is fed at once. */
  static List<TarEntry> of(byte[] archive) throws MalformedTarException {
    List<TarEntry> entries = new ArrayList<>();
    TarParser parser = new TarParser(entries::add);
    parser.feed(ByteBuffer.wrap(archive));
    parser.finish();
    return entries;
  }

  static List<TarEntry> of(TarBuilder archive) throws MalformedTarException {
    return of(archive.toBytes());
  }

  static TarEntry only(TarBuilder archive) throws MalformedTarException {
    List<TarEntry> entries = of(archive);
    if (entries.size() != 1) {
      throw new AssertionError("one entry expected, found " + entries);
    }
    return entries.getFirst();
  }

  /** Entries of an archive that is fed in chunks of 1 to a most bytes. */
  static List<TarEntry> inChunks(byte[] archive, int most, RandomGenerator random)
      throws MalformedTarException {
    List<TarEntry> entries = new ArrayList<>();
    TarParser parser = new TarParser(entries::add);
    for (int at = 0; at < archive.length; ) {
      int length = Math.min(archive.length - at, random.nextInt(most) + 1);
      parser.feed(ByteBuffer.wrap(archive, at, length));
      at += length;
    }
    parser.finish();
    return entries;
  }

  /** What a file holds, holes as zeros. */
  static byte[] content(TarEntry entry, byte[] archive) {
    byte[] content = new byte[Math.toIntExact(entry.size())];
    for (Segment segment : entry.data()) {
      int from = Math.toIntExact(segment.streamOffset());
      byte[] data = Arrays.copyOfRange(archive, from, from + Math.toIntExact(segment.length()));
      System.arraycopy(data, 0, content, Math.toIntExact(segment.fileOffset()), data.length);
    }
    return content;
  }
}
