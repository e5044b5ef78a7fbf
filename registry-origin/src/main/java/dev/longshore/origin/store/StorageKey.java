package dev.longshore.origin.store;

import java.util.UUID;

/**
 * Names one stored object for ever: a key is drawn at random for each upload and never used again,
 * so that a delayed deletion can never meet newer bytes.
 *
 * @param value a UUID in its canonical form, hence safe as a file name
 */
public record StorageKey(String value) {

  public StorageKey {
    if (!UUID.fromString(value).toString().equals(value)) {
      throw new IllegalArgumentException("not a canonical storage key: '" + value + "'");
    }
  }

  /** A key that was never used. */
  public static StorageKey random() {
    return new StorageKey(UUID.randomUUID().toString());
  }

  @Override
  public String toString() {
    return value;
  }
}
