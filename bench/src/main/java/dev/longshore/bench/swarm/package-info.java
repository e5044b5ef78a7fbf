/**
 * Real agents that pull one blob together with capped links, beside the time the cap allows. Starts
 * real processes on loopback and a temporary folder, and nothing else.
 */
@NullMarked
package dev.longshore.bench.swarm;

import org.jspecify.annotations.NullMarked;
