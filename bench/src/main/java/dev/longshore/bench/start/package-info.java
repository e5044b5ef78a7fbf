/**
 * How long an agent takes to be ready and what it holds in memory then, with and without its start
 * cache. Starts processes, and touches files in temporary folders only.
 */
@NullMarked
package dev.longshore.bench.start;

import org.jspecify.annotations.NullMarked;
