/**
 * How a swarm member finds others that want or hold a blob, gets piece maps, and may go to the
 * source. Interfaces only; the tracker, a static list and tests implement them.
 */
@NullMarked
package dev.longshore.swarm.discovery;

import org.jspecify.annotations.NullMarked;
