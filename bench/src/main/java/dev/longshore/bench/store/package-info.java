/**
 * A piece store with a million pieces in processes of its own: opening it, writing to it, evicting
 * from it. Touches files in temporary folders only.
 */
@NullMarked
package dev.longshore.bench.store;

import org.jspecify.annotations.NullMarked;
