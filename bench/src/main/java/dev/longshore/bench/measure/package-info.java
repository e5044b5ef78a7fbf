/**
 * How benchmarks measure: processes and their CPU time, load, medians, and the table in the end.
 * Knows nothing of what is measured.
 */
@NullMarked
package dev.longshore.bench.measure;

import org.jspecify.annotations.NullMarked;
