package dev.longshore.cli.demo;

import dev.longshore.cli.node.PrivateContainerd;
import java.io.IOException;
import java.time.Duration;

/** A node as it is in a cluster: a containerd whose mirror is the agent. */
record ContainerdNode(PrivateContainerd containerd, String reference, String name) implements Node {
  private static final Duration PULL_LIMIT = Duration.ofMinutes(10);
  private static final Duration RUN_LIMIT = Duration.ofMinutes(1);

  @Override
  public void pull() throws IOException, InterruptedException {
    containerd.pull(reference, PULL_LIMIT);
  }

  @Override
  public String run() throws IOException, InterruptedException {
    return containerd.run(reference, name, RUN_LIMIT);
  }

  @Override
  public void close() {
    containerd.close();
  }
}
