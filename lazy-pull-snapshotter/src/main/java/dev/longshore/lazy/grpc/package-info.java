/**
 * containerd's snapshots protocol, v1: {@link dev.longshore.lazy.grpc.SnapshotEndpoint} answers on
 * a Unix socket. The generated stubs stay inside this package; everybody else sees the records of
 * {@code snapshot}.
 */
@NullMarked
package dev.longshore.lazy.grpc;

import org.jspecify.annotations.NullMarked;
