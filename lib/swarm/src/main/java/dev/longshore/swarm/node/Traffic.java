package dev.longshore.swarm.node;

/**
 * Where the verified bytes of a download came from.
 *
 * @param fromSource bytes read at the source under a lease
 * @param fromSeeders bytes that seeders sent
 * @param fromPeers bytes that other agents sent
 */
public record Traffic(long fromSource, long fromSeeders, long fromPeers) {
  public long total() {
    return fromSource + fromSeeders + fromPeers;
  }
}
