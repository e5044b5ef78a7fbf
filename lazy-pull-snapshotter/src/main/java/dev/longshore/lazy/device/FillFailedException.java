package dev.longshore.lazy.device;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A range of a device that cannot be filled; whoever reads it gets EIO. */
public final class FillFailedException extends IOException {
  FillFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
