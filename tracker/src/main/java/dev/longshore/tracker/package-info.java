/**
 * The tracker: which members want or hold which blob, their piece maps, and who may read what from
 * the source. {@code TrackerState} decides, without sockets, threads or clocks; the rest is shell.
 */
@NullMarked
package dev.longshore.tracker;

import org.jspecify.annotations.NullMarked;
