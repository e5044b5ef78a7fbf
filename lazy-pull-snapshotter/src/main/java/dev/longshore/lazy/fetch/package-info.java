/** How the snapshotter gets bytes of layers: from the agent of its node, by ranges. */
@NullMarked
package dev.longshore.lazy.fetch;

import org.jspecify.annotations.NullMarked;
