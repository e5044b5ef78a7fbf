package dev.longshore.service.net;

import io.netty.channel.ChannelOption;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandlerConfig;

/**
 * What io_uring can do and does only when told to.
 *
 * @param ringBuffers how many buffers each event loop lends to the kernel, which then chooses where
 *     it receives to; a power of two, or 0 for a buffer of the connection's choice
 * @param ringBufferBytes size of each
 * @param zeroCopyFrom bytes from which on a buffer is sent without being copied into the kernel, or
 *     {@link #NEVER}
 */
public record UringTuning(int ringBuffers, int ringBufferBytes, int zeroCopyFrom) {
  public static final int NEVER = -1;

  /** As Netty has it by itself, and as every daemon runs. */
  public static final UringTuning NONE = new UringTuning(0, 0, NEVER);

  private static final short BUFFER_GROUP = 1;

  public UringTuning {
    if (ringBuffers != 0 && (Integer.bitCount(ringBuffers) != 1 || ringBuffers > 1 << 14)) {
      throw new IllegalArgumentException(
          "a buffer ring must have a power of two up to 16384 buffers, found " + ringBuffers);
    }
    if (ringBuffers != 0 && ringBufferBytes < 1) {
      throw new IllegalArgumentException("a ring's buffer cannot have " + ringBufferBytes + "B");
    }
    if (zeroCopyFrom < NEVER) {
      throw new IllegalArgumentException("cannot leave copying out from " + zeroCopyFrom + "B on");
    }
  }

  /** Lends the buffers, if there are any to lend. */
  void applyTo(IoUringIoHandlerConfig config) {
    if (ringBuffers > 0) {
      config.setBufferRingConfig(
          IoUringBufferRingConfig.builder()
              .bufferGroupId(BUFFER_GROUP)
              .bufferRingSize((short) ringBuffers)
              .batchSize(ringBuffers)
              .allocator(new IoUringFixedBufferRingAllocator(ringBufferBytes))
              .build());
    }
  }

  /** A bootstrap's way to take an option for its connections. */
  interface Options {
    <T> Object set(ChannelOption<T> option, T value);
  }

  /** Has connections use what is switched on. */
  void setOptions(Options connection) {
    if (ringBuffers > 0) {
      connection.set(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFER_GROUP);
    }
    if (zeroCopyFrom != NEVER) {
      connection.set(IoUringChannelOption.IO_URING_WRITE_ZERO_COPY_THRESHOLD, zeroCopyFrom);
    }
  }
}
