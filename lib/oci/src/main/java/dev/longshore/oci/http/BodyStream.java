package dev.longshore.oci.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * A body that can be read as a stream and, with fewer copies, as a channel. For one thread.
 *
 * <p>Read to its end, it leaves the connection to the next request; closed before that, it closes
 * the connection. A body that ends early, and a server that falls silent, are exceptions, never an
 * end.
 */
public abstract class BodyStream extends InputStream implements ReadableByteChannel {
  private boolean closed;

  /** The stream itself when it is one of these, else one that copies out of it. */
  public static BodyStream of(InputStream in) {
    return in instanceof BodyStream body ? body : new CopiedStream(in);
  }

  /** Bytes read, at least one unless the target has no room; -1 at the end of the body. */
  @Override
  public abstract int read(ByteBuffer target) throws IOException;

  @Override
  public final int read(byte[] target, int offset, int length) throws IOException {
    return length == 0 ? 0 : read(ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public final boolean isOpen() {
    return !closed;
  }

  @Override
  public final void close() throws IOException {
    closed = true;
    release();
  }

  /** Gives up what the body comes from; also called when that has been done. */
  protected abstract void release() throws IOException;
}
