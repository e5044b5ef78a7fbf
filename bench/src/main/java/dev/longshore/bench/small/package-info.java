/**
 * Images of many small layers, pulled the way containerd does: straight from an origin and through
 * agents beside it. Starts real processes on loopback and a temporary folder.
 */
@NullMarked
package dev.longshore.bench.small;

import org.jspecify.annotations.NullMarked;
