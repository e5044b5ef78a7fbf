package dev.longshore.agent.upstream;

import dev.longshore.oci.client.RegistryException;
import java.io.IOException;

/** What a failed request to a registry says about the registry. */
final class Failures {
  private Failures() {}

  /** No answer, or none that can be meant: what was known before may still be right. */
  static boolean isUnreachable(IOException failure) {
    return failure instanceof RegistryException answer
        ? answer.status() >= 500 || answer.status() == 429
        : !(failure instanceof NotFoundException);
  }

  /** These credentials, or their absence, are refused. */
  static boolean isDenied(IOException failure) {
    return failure instanceof RegistryException answer && answer.isDenied();
  }
}
