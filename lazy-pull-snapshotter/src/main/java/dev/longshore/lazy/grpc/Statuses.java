package dev.longshore.lazy.grpc;

import dev.longshore.lazy.snapshot.SnapshotException;
import io.grpc.Status;
import io.grpc.StatusException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What containerd is told of a failure: the only place that knows gRPC's codes. */
final class Statuses {
  private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

  private Statuses() {}

  static StatusException of(String request, Exception failure) {
    if (failure instanceof SnapshotException e) {
      LOG.debug("{}: {}", request, e.getMessage());
      Status status =
          switch (e.reason()) {
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case NOT_FOUND -> Status.NOT_FOUND;
            case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
            case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
            case UNAVAILABLE -> Status.UNAVAILABLE;
          };
      return status.withDescription(e.getMessage()).asException();
    }
    LOG.error("{} failed", request, failure);
    return Status.INTERNAL
        .withDescription(request + " failed: " + failure + "; see the snapshotter's log")
        .asException();
  }
}
