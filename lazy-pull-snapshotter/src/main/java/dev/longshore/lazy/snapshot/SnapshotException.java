package dev.longshore.lazy.snapshot;

/** A request that the state of things does not allow. */
public final class SnapshotException extends Exception {
  private final Reason reason;

  /** What containerd tells apart. */
  public enum Reason {
    ALREADY_EXISTS,
    NOT_FOUND,
    FAILED_PRECONDITION,
    INVALID_ARGUMENT,
    /** Not now: a layer is not mounted. */
    UNAVAILABLE
  }

  SnapshotException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  // containerd takes the last words of a message for the kind of the error (errdefs, "rebase").
  static SnapshotException alreadyExists(String what) {
    return new SnapshotException(Reason.ALREADY_EXISTS, what + ": already exists");
  }

  static SnapshotException notFound(String what) {
    return new SnapshotException(Reason.NOT_FOUND, what + ": not found");
  }

  static SnapshotException failedPrecondition(String what) {
    return new SnapshotException(Reason.FAILED_PRECONDITION, what + ": failed precondition");
  }

  static SnapshotException invalidArgument(String what) {
    return new SnapshotException(Reason.INVALID_ARGUMENT, what + ": invalid argument");
  }

  static SnapshotException unavailable(String what) {
    return new SnapshotException(Reason.UNAVAILABLE, what + ": unavailable");
  }
}
