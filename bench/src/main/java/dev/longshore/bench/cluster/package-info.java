/**
 * A whole small cluster of real processes on loopback, for benchmarks that measure agents. Starts
 * and ends processes, and reads the origin's metrics.
 */
@NullMarked
package dev.longshore.bench.cluster;

import org.jspecify.annotations.NullMarked;
