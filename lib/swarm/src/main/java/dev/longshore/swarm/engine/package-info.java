/**
 * The decisions of a download as pure state machines: an event and the time go in, actions come
 * out. No sockets, files, threads, clocks or randomness of its own.
 */
@NullMarked
package dev.longshore.swarm.engine;

import org.jspecify.annotations.NullMarked;
