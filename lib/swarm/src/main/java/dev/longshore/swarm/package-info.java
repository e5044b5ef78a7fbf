/**
 * The words every part of the swarm shares: who a peer is and what it is for. The parts are {@code
 * store}, {@code engine}, {@code wire}, {@code node}, {@code discovery} and {@code tracker}.
 */
@NullMarked
package dev.longshore.swarm;

import org.jspecify.annotations.NullMarked;
