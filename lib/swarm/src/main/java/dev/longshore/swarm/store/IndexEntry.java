package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.store.PieceIndex.BlobNote;
import dev.longshore.swarm.store.PieceIndex.GroupNote;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The bytes of an entry of the piece index: a key, and right behind it a value. */
final class IndexEntry {
  /*
   * One entry a blob and one a group of 512 pieces, all of the same size, so that an entry once
   * there is changed in place and never moves. All integers big-endian:
   *
   *   key    algorithm 4 | group 4 (-1: the blob itself) | hash 64 (a shorter one is zero-filled)
   *   blob   crc 4 | run 4 | incarnation 8 | size 8 | last use 8 | piece size 4 | zeros
   *   group  crc 4 | run 4 | incarnation 8 | held 64 | kept 64
   *
   * The CRC-32C covers the key and the rest of the value. So an entry vouches for itself: whoever
   * finds one in the file's bytes, without the locks and the hash table of Chronicle Map, knows by
   * the checksum that it was not caught half-written. A removed entry is overwritten with zeros
   * first, and vouches for nothing.
   *
   * "run" names the process that wrote the entry, which tells other processes what to make of a
   * piece that is held but was not forced to the disk yet (SharedIndex).
   */
  static final int KEY_BYTES = 72;
  static final int VALUE_BYTES = 144;
  static final int BYTES = KEY_BYTES + VALUE_BYTES;

  /** Instead of a group's number. */
  static final int BLOB_ITSELF = -1;

  private static final int RUN_AT = 4;
  private static final int NOTE_AT = 8;

  private IndexEntry() {}

  static byte[] key(Digest digest, int group) {
    return ByteBuffer.allocate(KEY_BYTES)
        .putInt(digest.algorithm().wireCode())
        .putInt(group)
        .put(digest.hash())
        .array();
  }

  static Optional<Digest> digest(byte[] key) {
    ByteBuffer in = ByteBuffer.wrap(key);
    return Digest.Algorithm.ofWireCode(in.getInt())
        .map(algorithm -> {
          byte[] hash = new byte[algorithm.bytes()];
          in.position(2 * Integer.BYTES).get(hash);
          return Digest.of(algorithm, hash);
        });
  }

  static byte[] value(byte[] key, int run, BlobNote note) {
    byte[] value = new byte[VALUE_BYTES];
    ByteBuffer.wrap(value)
        .position(NOTE_AT)
        .putLong(note.incarnation())
        .putLong(note.size())
        .putLong(note.lastUse())
        .putInt(note.pieceSize());
    return sealed(key, run, value);
  }

  static byte[] value(byte[] key, int run, GroupNote note) {
    byte[] value = new byte[VALUE_BYTES];
    ByteBuffer out = ByteBuffer.wrap(value).position(NOTE_AT).putLong(note.incarnation());
    for (long word : note.held()) {
      out.putLong(word);
    }
    for (long word : note.kept()) {
      out.putLong(word);
    }
    return sealed(key, run, value);
  }

  private static byte[] sealed(byte[] key, int run, byte[] value) {
    ByteBuffer out = ByteBuffer.wrap(value).putInt(RUN_AT, run);
    out.putInt(0, crc(key, value));
    return value;
  }

  /** Whether this value was written whole, for this key. */
  static boolean isRight(byte[] key, byte[] value) {
    return ByteBuffer.wrap(value).getInt() == crc(key, value);
  }

  /** The process that wrote the value. */
  static int run(byte[] value) {
    return ByteBuffer.wrap(value).getInt(RUN_AT);
  }

  static BlobNote blob(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value).position(NOTE_AT);
    long incarnation = in.getLong();
    long size = in.getLong();
    long lastUse = in.getLong();
    return new BlobNote(incarnation, size, in.getInt(), lastUse);
  }

  static GroupNote group(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value).position(NOTE_AT);
    long incarnation = in.getLong();
    long[] held = words(in);
    return new GroupNote(incarnation, held, words(in));
  }

  private static long[] words(ByteBuffer in) {
    long[] words = new long[PieceIndex.GROUP_WORDS];
    for (int i = 0; i < words.length; i++) {
      words[i] = in.getLong();
    }
    return words;
  }

  private static int crc(byte[] key, byte[] value) {
    CRC32C crc = new CRC32C();
    crc.update(key);
    crc.update(value, Integer.BYTES, value.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
