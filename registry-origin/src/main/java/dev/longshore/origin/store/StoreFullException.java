package dev.longshore.origin.store;

import java.io.IOException;

/** The store takes no more bytes; what it holds already is safe. */
public final class StoreFullException extends IOException {
  public StoreFullException(String message) {
    super(message);
  }

  public StoreFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
