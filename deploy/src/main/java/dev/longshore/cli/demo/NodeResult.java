package dev.longshore.cli.demo;

import java.util.Optional;

/**
 * How it went on one node.
 *
 * @param name of its agent
 * @param arrivedNanos from the common start until the agent had every byte
 * @param finishedNanos until the client was done: with containerd, unpacked
 * @param traffic what the agent received, by sender
 * @param failure why the pull or the container failed; empty when both went well
 * @param ran whether a container was run
 */
record NodeResult(
    String name,
    long arrivedNanos,
    long finishedNanos,
    AgentTraffic traffic,
    Optional<String> failure,
    boolean ran) {}
