/** Layer indexes: how fast one is built, how large it is, and how fast a layer is read with it. */
@NullMarked
package dev.longshore.bench.layer;

import org.jspecify.annotations.NullMarked;
