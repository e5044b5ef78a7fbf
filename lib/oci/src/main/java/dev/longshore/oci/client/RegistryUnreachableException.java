package dev.longshore.oci.client;

import java.io.IOException;

/** No complete answer arrived: connection refused, cut or silent; a later attempt may succeed. */
public final class RegistryUnreachableException extends IOException {
  RegistryUnreachableException(String attempted, IOException cause) {
    super(
        "Tried to "
            + attempted
            + ": "
            + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage())
            + "; check the address and the network",
        cause);
  }
}
