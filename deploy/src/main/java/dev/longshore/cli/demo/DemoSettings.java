package dev.longshore.cli.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a demo is asked to do.
 *
 * @param agents how many nodes pull at once
 * @param image {@code oci:DIR} or an image reference; empty for one made on the spot
 * @param keep stay up afterwards
 * @param agentFlags handed to every agent, such as {@code --upload-limit 20MiB/s}
 * @param cache where the image that is made on the spot is kept for the next time
 */
public record DemoSettings(
    int agents, Optional<String> image, boolean keep, List<String> agentFlags, Path cache) {

  public DemoSettings {
    if (agents < 1 || agents > 50) {
      throw new IllegalArgumentException("expected 1 to 50 agents, found " + agents);
    }
    agentFlags = List.copyOf(agentFlags);
  }
}
