package dev.longshore.agent;

import dev.longshore.service.Daemon;

/** The command {@code agent}. */
public final class AgentMain {
  private AgentMain() {}

  public static void main(String[] arguments) {
    Daemon.run(
        "agent",
        "Runs on a node as containerd's mirror: pulls images through the swarm of agents, and"
            + " shares what it pulls.",
        AgentConfig.class,
        arguments,
        Agent::start);
  }
}
