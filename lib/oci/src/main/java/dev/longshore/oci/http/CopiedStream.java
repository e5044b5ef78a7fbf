package dev.longshore.oci.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Any stream, read through an array where the target is none. */
final class CopiedStream extends BodyStream {
  private static final int STEP = 64 << 10;

  private final InputStream in;
  private byte[] step = new byte[0];

  CopiedStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    if (target.hasArray()) {
      int from = target.arrayOffset() + target.position();
      int count = in.read(target.array(), from, target.remaining());
      target.position(target.position() + Math.max(count, 0));
      return count;
    }
    if (step.length == 0) {
      step = new byte[STEP];
    }
    int count = in.read(step, 0, Math.min(STEP, target.remaining()));
    target.put(step, 0, Math.max(count, 0));
    return count;
  }

  @Override
  protected void release() throws IOException {
    in.close();
  }
}
