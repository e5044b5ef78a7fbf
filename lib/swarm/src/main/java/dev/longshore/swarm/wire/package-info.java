/**
 * The frames that swarm members exchange over one TCP connection: their byte layout, an encoder and
 * a decoder that bounds everything before it believes it. It knows buffers and Netty's pipeline,
 * and nothing of stores, downloads or who is connected to whom.
 */
@NullMarked
package dev.longshore.swarm.wire;

import org.jspecify.annotations.NullMarked;
