package dev.longshore.swarm.node;

import java.io.IOException;

/** A download cannot go on; the message says why. What was stored before stays. */
public final class DownloadFailedException extends IOException {
  public DownloadFailedException(String message) {
    super(message);
  }
}
