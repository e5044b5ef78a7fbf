package dev.longshore.cli.demo;

import tools.jackson.databind.JsonNode;

/**
 * What an agent has received since it started, in bytes, by who sent it.
 *
 * @param fromSource read by this agent at the registry
 * @param fromSeeders sent by seeders
 * @param fromPeers sent by other agents
 */
record AgentTraffic(long fromSource, long fromSeeders, long fromPeers) {
  static final AgentTraffic NONE = new AgentTraffic(0, 0, 0);

  /** Adds up the {@code downloads} of an agent's {@code /debug}. */
  static AgentTraffic of(JsonNode debug) {
    JsonNode downloads = debug.findValue("downloads");
    long source = 0;
    long seeders = 0;
    long peers = 0;
    if (downloads != null) {
      for (JsonNode download : downloads) {
        source += download.path("fromSource").asLong(0);
        seeders += download.path("fromSeeders").asLong(0);
        peers += download.path("fromPeers").asLong(0);
      }
    }
    return new AgentTraffic(source, seeders, peers);
  }

  long total() {
    return fromSource + fromSeeders + fromPeers;
  }
}
