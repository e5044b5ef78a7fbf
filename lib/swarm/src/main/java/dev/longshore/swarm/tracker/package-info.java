/**
 * The tracker's gRPC protocol, both ends: {@link TrackerClient} for members, the tracker's
 * endpoint. The generated stubs stay inside this package; everybody else sees records.
 */
@NullMarked
package dev.longshore.swarm.tracker;

import org.jspecify.annotations.NullMarked;
