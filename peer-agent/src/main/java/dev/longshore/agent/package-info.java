/**
 * The node daemon: containerd's mirror in front, the swarm behind. This package puts the parts
 * together and may touch all of them; {@code mirror}, {@code upstream} and {@code blob} each hold
 * one.
 */
@NullMarked
package dev.longshore.agent;

import org.jspecify.annotations.NullMarked;
