package dev.longshore.lazy.fetch;

import dev.longshore.lazy.device.RangeSource;
import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** Ranges of one image's layers, read through the node's agent, which verifies them. */
public final class AgentRanges implements RangeSource {
  private static final int CHUNK = 64 << 10;
  private static final ThreadLocal<byte[]> CHUNKS = ThreadLocal.withInitial(() -> new byte[CHUNK]);

  private final RegistryClient agent;
  private final RepositoryName repository;
  private final LongConsumer fetched;

  /**
   * The layers of a repository.
   *
   * @param agent as a mirror of the image's registry
   * @param fetched is told of bytes as they arrive
   */
  public AgentRanges(RegistryClient agent, RepositoryName repository, LongConsumer fetched) {
    this.agent = agent;
    this.repository = repository;
    this.fetched = fetched;
  }

  @Override
  public void read(Digest blob, long offset, long length, Receiver receiver) throws IOException {
    try (InputStream in = agent.openBlobRange(repository, blob, offset, length)) {
      copy(in, blob, length, receiver);
    }
  }

  /** Hands over the next {@code length} bytes of a blob. */
  void copy(InputStream in, Digest blob, long length, Receiver receiver) throws IOException {
    byte[] chunk = CHUNKS.get();
    long rest = length;
    while (rest > 0) {
      int count = in.read(chunk, 0, (int) Math.min(chunk.length, rest));
      if (count < 0) {
        throw new EOFException(
            "%s ended %d bytes before the end of the range".formatted(blob, rest));
      }
      rest -= count;
      fetched.accept(count);
      receiver.accept(ByteBuffer.wrap(chunk, 0, count));
    }
  }
}
