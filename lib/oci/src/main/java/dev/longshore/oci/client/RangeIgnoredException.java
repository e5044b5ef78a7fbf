package dev.longshore.oci.client;

import java.io.IOException;

/** A registry that answers a ranged read with the whole blob: reading on would give wrong bytes. */
public final class RangeIgnoredException extends IOException {
  RangeIgnoredException(String attempted, String range) {
    super(
        "Tried to "
            + attempted
            + ": asked for bytes "
            + range
            + ", the registry ignored Range and sent the whole blob; it can only be read whole");
  }
}
