/**
 * Snapshots: what containerd's overlay snapshotter does, with layers that are mounted before they
 * are here, offered by {@link dev.longshore.lazy.snapshot.RemoteLayers}. {@link
 * dev.longshore.lazy.snapshot.Snapshots} is the way in; nothing here knows of gRPC.
 */
@NullMarked
package dev.longshore.lazy.snapshot;

import org.jspecify.annotations.NullMarked;
