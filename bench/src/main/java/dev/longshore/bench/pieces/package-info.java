/**
 * JMH benchmarks of what happens to a piece in one process: hashing, writing, asking, mapping. They
 * touch the piece and store packages only, and a temporary folder.
 */
@NullMarked
package dev.longshore.bench.pieces;

import org.jspecify.annotations.NullMarked;
