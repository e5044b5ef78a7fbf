/**
 * The images and blobs that benchmarks push and pull, made on the spot. Touches registries through
 * the registry client only.
 */
@NullMarked
package dev.longshore.bench.content;

import org.jspecify.annotations.NullMarked;
