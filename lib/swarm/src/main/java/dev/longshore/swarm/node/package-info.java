/**
 * The swarm member of one process: it listens, dials, downloads verified pieces and uploads them to
 * others. It drives the engine's state machines with Netty, the store and discovery, and may not
 * know HTTP, the tracker's stubs or the store's files.
 */
@NullMarked
package dev.longshore.swarm.node;

import org.jspecify.annotations.NullMarked;
