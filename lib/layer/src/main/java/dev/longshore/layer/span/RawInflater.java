package dev.longshore.layer.span;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * Inflates deflate data without a wrapper (RFC 1951), from any block on and one block at a time.
 *
 * <p>Bytes go from a small buffer of compressed ones, which {@link #offer} fills, into another of
 * output. Owned by one thread at a time.
 */
abstract sealed class RawInflater implements AutoCloseable permits LibzInflater, JavaInflater {

  /** Why {@link #run} returned. */
  enum Stop {
    /** It used all the compressed bytes that are of use to it. */
    NEEDS_INPUT,
    /** It made as much output as it was to make, or had room for. */
    OUTPUT_FULL,
    /** A block has ended and another one begins at {@link #position} and {@link #unusedBits}. */
    BLOCK_ENDED,
    /** The last block has ended; what follows begins with a whole byte, at {@link #position}. */
    STREAM_ENDED
  }

  /** Room for compressed bytes. */
  static final int INPUT_BYTES = 64 << 10;

  /** Most output of one {@link #run}. */
  static final int OUTPUT_BYTES = 64 << 10;

  final ByteBuffer input;

  /** Index in {@link #input} of the first byte that is not used; the one before it is kept. */
  int start;

  /** Index in {@link #input} behind the last byte. */
  int end;

  /** Offset in the blob of the first byte of {@link #input}. */
  private long origin;

  RawInflater(ByteBuffer input) {
    this.input = input;
  }

  /** The one that is faster, if this system has what it takes, else the one that always works. */
  static RawInflater best() {
    return Libz.isPresent() ? new LibzInflater() : new JavaInflater();
  }

  /** Forgets all that was offered; the next byte that is has this offset in the blob. */
  final void seek(long position) {
    start = 0;
    end = 0;
    origin = position;
  }

  /** Takes as many bytes of a chunk as there is room for, maybe none, and says how many. */
  final int offer(ByteBuffer chunk) {
    if (start > 1 && (start == end || end == INPUT_BYTES)) {
      int kept = start - 1;
      input.put(0, input, kept, end - kept);
      origin += kept;
      start = 1;
      end -= kept;
    }
    int count = Math.min(chunk.remaining(), INPUT_BYTES - end);
    input.put(end, chunk, chunk.position(), count);
    chunk.position(chunk.position() + count);
    end += count;
    return count;
  }

  /** How many bytes were offered and not used. */
  final int available() {
    return end - start;
  }

  /** Takes one byte past the deflate data; there must be one. */
  final int takeByte() {
    return input.get(start++) & 0xff;
  }

  /** The byte before {@link #position}; one must have been offered. */
  final int lastByte() {
    return input.get(start - 1) & 0xff;
  }

  /** Copies what was offered and not used. */
  final int peek(byte[] into) {
    int count = Math.min(available(), into.length);
    input.get(start, into, 0, count);
    return count;
  }

  /** Offset in the blob of the next byte that is not used. */
  final long position() {
    return origin + start;
  }

  /** Begins deflate data at {@link #position}. */
  abstract void begin();

  /**
   * Goes on in deflate data where a block begins.
   *
   * @param bits 0 to 7, how many of the highest bits of the last byte belong to the block
   * @param lastByte the byte before {@link #position}; of no matter without bits
   * @param window the output before, at most 32 KiB
   */
  abstract void resume(int bits, int lastByte, byte[] window);

  /**
   * Inflates until something stops it.
   *
   * @param most output to make, 1 to {@link #OUTPUT_BYTES}
   * @throws DataFormatException if this is no deflate data, with what was found
   */
  abstract Stop run(int most) throws DataFormatException;

  /** What the last {@link #run} made, from position to limit; good until the next one. */
  abstract ByteBuffer output();

  /** At the end of a block: how many of the highest bits of {@link #lastByte} begin the next. */
  abstract int unusedBits();

  /**
   * Copies the latest output of these deflate data, at most 32 KiB, and says how many bytes.
   *
   * @param into {@link Window#MAX_BYTES}
   */
  abstract int copyWindow(byte[] into);

  @Override
  public abstract void close();
}
