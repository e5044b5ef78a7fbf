package dev.longshore.cli.progress;

import dev.longshore.oci.json.BoundedJson;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where an agent got bytes from.
 *
 * @param peers sent by other agents
 * @param seeders sent by seeders
 * @param source read by the agent at the registry
 * @param store on the agent's disk before
 */
public record ByteOrigins(long peers, long seeders, long source, long store) {
  static final ByteOrigins NONE = new ByteOrigins(0, 0, 0, 0);

  /** All that came to the agent. */
  long received() {
    return peers + seeders + source;
  }

  ByteOrigins plus(ByteOrigins other) {
    return new ByteOrigins(
        peers + other.peers, seeders + other.seeders, source + other.source, store + other.store);
  }

  ByteOrigins minus(ByteOrigins other) {
    return new ByteOrigins(
        peers - other.peers, seeders - other.seeders, source - other.source, store - other.store);
  }

  /** What our caller got beyond all that came to the agent meanwhile was in its store. */
  ByteOrigins withStoreFor(long delivered) {
    return new ByteOrigins(peers, seeders, source, Math.max(0, delivered - received()));
  }

  ObjectNode json() {
    return BoundedJson.newObject()
        .put("peers", peers)
        .put("seeders", seeders)
        .put("source", source)
        .put("store", store);
  }
}
