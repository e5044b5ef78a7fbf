package dev.longshore.agent.blob;

import java.io.IOException;

/** A download is alive but got nothing for too long. */
final class StalledException extends IOException {
  StalledException(String message) {
    super(message);
  }
}
