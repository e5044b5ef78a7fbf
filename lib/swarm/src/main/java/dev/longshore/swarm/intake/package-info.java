/**
 * How a blob that has no piece map yet comes in: read from its source once, verified as a whole,
 * cut into pieces. Touches a spool folder and the store; whoever starts an intake opens the source.
 */
@NullMarked
package dev.longshore.swarm.intake;

import org.jspecify.annotations.NullMarked;
