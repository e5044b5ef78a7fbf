package dev.longshore.swarm.store;

import java.io.IOException;

/** The disk, or the store's quota, has no room for a piece; nothing already held is lost. */
public final class StoreFullException extends IOException {
  public StoreFullException(String message, Throwable cause) {
    super(message, cause);
  }

  public StoreFullException(String message) {
    super(message);
  }
}
