package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import java.util.List;

/** A manifest points at blobs or manifests that its repository does not have. */
public final class MissingReferencesException extends Exception {
  private final transient List<Digest> missing;

  public MissingReferencesException(List<Digest> missing) {
    super("the repository does not have " + missing);
    this.missing = List.copyOf(missing);
  }

  /** What is missing, in the manifest's order. */
  public List<Digest> missing() {
    return missing;
  }
}
