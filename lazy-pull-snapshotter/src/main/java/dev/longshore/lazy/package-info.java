/**
 * The snapshotter: containerd's plugin that mounts layers before they are here and fills in what is
 * read. May use the layer index, the image model and what every daemon shares; never the agent,
 * which it asks over HTTP.
 */
@NullMarked
package dev.longshore.lazy;

import org.jspecify.annotations.NullMarked;
