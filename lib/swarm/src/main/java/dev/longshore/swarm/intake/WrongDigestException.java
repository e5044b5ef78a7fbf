package dev.longshore.swarm.intake;

import dev.longshore.oci.Digest;
import java.io.IOException;

/** A source sent bytes that are not the blob they should be. */
public final class WrongDigestException extends IOException {
  public WrongDigestException(Digest expected, Digest found) {
    super(
        "the source sent wrong bytes: expected "
            + expected
            + ", found "
            + found
            + "; push the image again or repair the source");
  }
}
