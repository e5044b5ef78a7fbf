/**
 * Real agents that pull one blob after the other together with capped links, beside aria2, the time
 * that the cap allows and a bare receiving loop. Starts real processes on loopback and a temporary
 * folder, and nothing else.
 */
@NullMarked
package dev.longshore.bench.swarm;

import org.jspecify.annotations.NullMarked;
