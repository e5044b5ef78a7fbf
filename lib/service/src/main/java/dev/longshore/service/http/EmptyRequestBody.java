package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The body of a request that has none. */
final class EmptyRequestBody implements RequestBody {

  static final EmptyRequestBody INSTANCE = new EmptyRequestBody();
  private static final byte[] NOTHING = {};

  private EmptyRequestBody() {}

  @Override
  public long contentLength() {
    return 0;
  }

  @Override
  public @Nullable ByteBuf read() {
    return null;
  }

  @Override
  public byte[] readAll(int limit) {
    return NOTHING;
  }
}
