/**
 * Where the bytes of a blob come from, and their way to the client while they still arrive: the
 * store, the swarm, or the source. Knows no HTTP but the body of an answer.
 */
@NullMarked
package dev.longshore.agent.blob;

import org.jspecify.annotations.NullMarked;
