/**
 * The benchmark of lazy starts: real containerds, one with our snapshotter and one with overlayfs,
 * start the same real images cold. It is here and not in {@code bench} since it needs both.
 */
@NullMarked
package dev.longshore.cli.lazybench;

import org.jspecify.annotations.NullMarked;
