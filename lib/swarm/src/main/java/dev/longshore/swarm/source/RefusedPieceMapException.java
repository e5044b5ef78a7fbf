package dev.longshore.swarm.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The source has a piece map that is not to be believed, or not that of the blob. */
public final class RefusedPieceMapException extends IOException {
  RefusedPieceMapException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
