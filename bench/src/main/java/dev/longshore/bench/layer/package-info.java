/**
 * JMH benchmarks of what happens to a layer in one process: finding its spans, reading them. They
 * touch the layer packages only, and files of this machine.
 */
@NullMarked
package dev.longshore.bench.layer;

import org.jspecify.annotations.NullMarked;
