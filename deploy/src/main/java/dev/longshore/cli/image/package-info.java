/**
 * Builds a real, runnable image from what this machine has, with no network and no image tool: tar
 * and gzip layers, configuration, OCI layout. Knows nothing of registries, daemons or containerd.
 */
@NullMarked
package dev.longshore.cli.image;

import org.jspecify.annotations.NullMarked;
