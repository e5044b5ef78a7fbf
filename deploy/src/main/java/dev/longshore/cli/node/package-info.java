/**
 * A Kubernetes node's container runtime for the demo and the tests: a containerd of our own, with
 * its root, state and socket in one folder, that pulls through a mirror and runs containers.
 */
@NullMarked
package dev.longshore.cli.node;

import org.jspecify.annotations.NullMarked;
