package dev.longshore.origin.registry;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Bytes that arrive one after the other. */
@FunctionalInterface
public interface ByteSource {

  /** The next bytes, which the caller releases, or null at the end. May block. */
  @Nullable ByteBuf read() throws IOException, InterruptedException;

  /** No bytes. */
  static ByteSource empty() {
    return () -> null;
  }
}
