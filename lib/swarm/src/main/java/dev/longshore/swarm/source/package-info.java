/**
 * Blobs at the registries they come from: reaching a registry by its name, reading ranges, and
 * getting signed piece maps from an origin. Blocks; keeps nothing on disk.
 */
@NullMarked
package dev.longshore.swarm.source;

import org.jspecify.annotations.NullMarked;
