package dev.longshore.layer.span;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The frames of a zstd file one after another (RFC 8878), from any one on, as a series of steps.
 *
 * <p>Owned by one thread at a time.
 */
final class ZstdStream implements AutoCloseable {

  /** What a step has come to. */
  enum Step {
    /** It needs more bytes. */
    NEEDS_INPUT,
    /** The first byte of a frame with data is at {@link #position}. */
    FRAME_BEGINS,
    /** There is {@link #output}. */
    OUTPUT,
    /** The frame has ended, at {@link #position}. */
    FRAME_ENDED
  }

  /** Most output of one step. */
  static final int OUTPUT_BYTES = 128 << 10;

  private static final int INPUT_BYTES = 128 << 10;

  private enum State {
    BEFORE_FRAME,
    SKIPPING,
    DATA,
    DATA_ENDED
  }

  private final Arena arena = Arena.ofShared();
  private final ByteBuffer input =
      arena.allocate(INPUT_BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final ByteBuffer output = arena.allocate(OUTPUT_BYTES).asByteBuffer();
  private final ZstdDecompressCtx context = new ZstdDecompressCtx();
  private State state = State.BEFORE_FRAME;
  private boolean closed;

  /** Bytes left of a skippable frame. */
  private long skip;

  /** Offset in the blob of the input's end. */
  private long end;

  /** Gets ready for bytes from this offset of the blob on, where a frame begins. */
  void restart(long blobOffset) {
    context.reset();
    input.clear().limit(0);
    end = blobOffset;
    state = State.BEFORE_FRAME;
  }

  /** Takes as many bytes of a chunk as there is room for. */
  void offer(ByteBuffer chunk) {
    if (INPUT_BYTES - input.limit() < chunk.remaining()) {
      input.compact().flip();
    }
    int count = Math.min(chunk.remaining(), INPUT_BYTES - input.limit());
    int to = input.limit();
    input.limit(to + count);
    input.put(to, chunk, chunk.position(), count);
    chunk.position(chunk.position() + count);
    end += count;
  }

  /** Offset in the blob of the first byte that is not used. */
  long position() {
    return end - input.remaining();
  }

  /** Whether the blob may end here: behind a frame. */
  boolean mayEnd() {
    return state == State.BEFORE_FRAME && !input.hasRemaining();
  }

  /** Output of the last step, if that was its outcome; good until the next one. */
  ByteBuffer output() {
    return output;
  }

  /**
   * Goes on to the next thing worth telling.
   *
   * @param most output to make, 1 to {@link #OUTPUT_BYTES}
   */
  Step step(int most) throws MalformedLayerException {
    while (true) {
      switch (state) {
        case BEFORE_FRAME -> {
          if (!openFrame()) {
            return Step.NEEDS_INPUT;
          }
          if (state == State.DATA) {
            return Step.FRAME_BEGINS;
          }
        }
        case SKIPPING -> {
          int count = (int) Math.min(skip, input.remaining());
          input.position(input.position() + count);
          skip -= count;
          if (skip > 0) {
            return Step.NEEDS_INPUT;
          }
          state = State.BEFORE_FRAME;
        }
        case DATA -> {
          int before = input.position();
          if (decompress(most)) {
            state = State.DATA_ENDED;
          }
          if (output.hasRemaining()) {
            return Step.OUTPUT;
          }
          if (state == State.DATA && !input.hasRemaining()) {
            return Step.NEEDS_INPUT;
          }
          if (state == State.DATA && input.position() == before) {
            throw new MalformedLayerException(position(), "zstd data", "nothing of use");
          }
        }
        case DATA_ENDED -> {
          state = State.BEFORE_FRAME;
          return Step.FRAME_ENDED;
        }
      }
    }
  }

  /** Looks at a frame's header; whether it is all there. */
  private boolean openFrame() throws MalformedLayerException {
    if (input.remaining() >= ZstdFrame.SKIPPABLE_HEADER
        && ZstdFrame.isSkippable(input.getInt(input.position()))) {
      skip = Integer.toUnsignedLong(input.getInt(input.position() + Integer.BYTES));
      input.position(input.position() + ZstdFrame.SKIPPABLE_HEADER);
      state = State.SKIPPING;
      return true;
    }
    if (input.remaining() >= Integer.BYTES
        && ZstdFrame.isSkippable(input.getInt(input.position()))) {
      return false;
    }
    if (ZstdFrame.check(input, position()).isEmpty()) {
      return false;
    }
    state = State.DATA;
    return true;
  }

  /** Fills the output; whether the frame has ended. */
  private boolean decompress(int most) throws MalformedLayerException {
    output.clear().limit(Math.min(most, OUTPUT_BYTES));
    try {
      return context.decompressDirectByteBufferStream(output, input);
    } catch (ZstdException e) {
      MalformedLayerException malformed =
          new MalformedLayerException(position(), "zstd data", String.valueOf(e.getMessage()));
      malformed.initCause(e);
      throw malformed;
    } finally {
      output.flip();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.close();
      arena.close();
    }
  }
}
