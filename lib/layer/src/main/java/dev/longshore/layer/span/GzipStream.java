package dev.longshore.layer.span;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;

/**
 * The members of a gzip file one after another (RFC 1952), from the first one or from the middle of
 * any, as a series of steps.
 *
 * <p>As Go has it, members follow each other up to the end: what comes after one and is no other,
 * such as padding, is an error. Owned by one thread at a time.
 */
final class GzipStream {

  /** What a step has come to. */
  enum Step {
    /** It needs more bytes. */
    NEEDS_INPUT,
    /** The first byte of a member's header is at {@link #position}. */
    MEMBER_BEGINS,
    /** There is {@link #output}. */
    OUTPUT,
    /** A block of this member has ended, another one begins; see {@link RawInflater.Stop}. */
    BLOCK_ENDED,
    /** The member has ended, at {@link #position}. */
    MEMBER_ENDED
  }

  private static final int TRAILER_BYTES = 8;

  private enum State {
    BEFORE_MEMBER,
    HEADER,
    DATA,
    BLOCK_ENDED,
    DATA_ENDED,
    TRAILER
  }

  private final RawInflater inflater = new RawInflater();
  private final BlobInput input = inflater.input();
  private final GzipHeader header = new GzipHeader();
  private final CRC32 crc = new CRC32();
  private State state = State.BEFORE_MEMBER;

  /** Whether the current member was seen from its beginning, so that its sums can be checked. */
  private boolean whole;

  /** Bytes of output of the current member. */
  private long length;

  private long trailer;
  private int trailerBytes;

  /** Gets ready for bytes from this offset of the blob on, where a member begins. */
  void restart(long blobOffset) {
    input.seek(blobOffset);
    state = State.BEFORE_MEMBER;
  }

  /** Gets ready to go on within a member, at {@link #position}, where a block begins. */
  void resume(int bits, int lastByte, byte[] window) {
    inflater.resume(bits, lastByte, window);
    whole = false;
    state = State.DATA;
  }

  /** What inflates the members, for a look at where it is. */
  RawInflater inflater() {
    return inflater;
  }

  /** Output of the last step, if that was its outcome; good until the next one. */
  ByteBuffer output() {
    return inflater.output();
  }

  /** Offset in the blob of the first byte that is not used. */
  long position() {
    return input.position();
  }

  /** Whether the blob may end here: behind a member. */
  boolean mayEnd() {
    return state == State.BEFORE_MEMBER;
  }

  /**
   * Goes on to the next thing worth telling.
   *
   * @param most output to make, 1 to {@link RawInflater#OUTPUT_BYTES}
   */
  Step step(int most) throws MalformedLayerException {
    while (true) {
      switch (state) {
        case BEFORE_MEMBER -> {
          if (input.available() == 0) {
            return Step.NEEDS_INPUT;
          }
          header.reset();
          state = State.HEADER;
          return Step.MEMBER_BEGINS;
        }
        case HEADER -> {
          if (!readHeader()) {
            return Step.NEEDS_INPUT;
          }
        }
        case DATA -> {
          RawInflater.Stop stop = inflate(most);
          state =
              switch (stop) {
                case BLOCK_ENDED -> State.BLOCK_ENDED;
                case STREAM_ENDED -> State.DATA_ENDED;
                case NEEDS_INPUT, OUTPUT_FULL -> State.DATA;
              };
          if (output().hasRemaining()) {
            return Step.OUTPUT;
          }
          if (stop == RawInflater.Stop.NEEDS_INPUT) {
            return Step.NEEDS_INPUT;
          }
        }
        case BLOCK_ENDED -> {
          state = State.DATA;
          return Step.BLOCK_ENDED;
        }
        case DATA_ENDED -> {
          trailer = 0;
          trailerBytes = 0;
          state = State.TRAILER;
        }
        case TRAILER -> {
          if (!readTrailer()) {
            return Step.NEEDS_INPUT;
          }
          state = State.BEFORE_MEMBER;
          return Step.MEMBER_ENDED;
        }
      }
    }
  }

  private boolean readHeader() throws MalformedLayerException {
    while (input.available() > 0) {
      long at = position();
      try {
        if (header.accept(input.takeByte())) {
          inflater.begin();
          crc.reset();
          length = 0;
          whole = true;
          state = State.DATA;
          return true;
        }
      } catch (DataFormatException e) {
        throw malformed(at, "the header of a gzip member", e);
      }
    }
    return false;
  }

  private RawInflater.Stop inflate(int most) throws MalformedLayerException {
    RawInflater.Stop stop;
    try {
      stop = inflater.run(most);
    } catch (DataFormatException e) {
      throw malformed(position(), "deflate data", e);
    }
    if (whole) {
      ByteBuffer output = output();
      int from = output.position();
      length += output.remaining();
      crc.update(output);
      output.position(from);
    }
    return stop;
  }

  private boolean readTrailer() throws MalformedLayerException {
    while (trailerBytes < TRAILER_BYTES) {
      if (input.available() == 0) {
        return false;
      }
      trailer |= (long) input.takeByte() << (trailerBytes++ * Byte.SIZE);
    }
    if (whole) {
      checkTrailer();
    }
    return true;
  }

  private void checkTrailer() throws MalformedLayerException {
    int expectedCrc = (int) trailer;
    int expectedLength = (int) (trailer >>> Integer.SIZE);
    if (expectedCrc != (int) crc.getValue()) {
      throw new MalformedLayerException(
          position() - TRAILER_BYTES,
          "CRC-32 0x%08x, as the member's trailer has it".formatted(expectedCrc),
          "0x%08x".formatted((int) crc.getValue()));
    }
    if (expectedLength != (int) length) {
      throw new MalformedLayerException(
          position() - Integer.BYTES,
          "%d bytes of output modulo 2^32, as the member's trailer has it"
              .formatted(Integer.toUnsignedLong(expectedLength)),
          length + " bytes");
    }
  }

  private static MalformedLayerException malformed(
      long at, String expected, DataFormatException e) {
    MalformedLayerException malformed =
        new MalformedLayerException(at, expected, String.valueOf(e.getMessage()));
    malformed.initCause(e);
    return malformed;
  }
}
