/**
 * What this node holds: one sparse file a blob, written piece by piece, and the index that says
 * which pieces are there and verified. One process owns a store, others on the machine may read it.
 * Touches the disk and nothing else.
 */
@NullMarked
package dev.longshore.swarm.store;

import org.jspecify.annotations.NullMarked;
