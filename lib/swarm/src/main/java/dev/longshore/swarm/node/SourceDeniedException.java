package dev.longshore.swarm.node;

import java.io.IOException;

/** The source will not give a blob, however often it is asked. */
public final class SourceDeniedException extends IOException {
  public SourceDeniedException(String message) {
    super(message);
  }

  public SourceDeniedException(String message, Throwable cause) {
    super(message, cause);
  }
}
