/**
 * The keeper: a small process that holds what the kernel must not lose when the snapshotter dies,
 * and the reads that wait for it; and how the snapshotter talks to it.
 */
@NullMarked
package dev.longshore.lazy.keeper;

import org.jspecify.annotations.NullMarked;
