/**
 * The benchmarks' way into the piece store's own package: files that say they hold what nobody has
 * written. Touches the folder it is given and nothing else.
 */
@NullMarked
package dev.longshore.swarm.store;

import org.jspecify.annotations.NullMarked;
