/**
 * The layers of this node: how each comes to be here, whole or as far as it is read, how it is
 * mounted, and what is left of it after a restart.
 */
@NullMarked
package dev.longshore.lazy.layers;

import org.jspecify.annotations.NullMarked;
