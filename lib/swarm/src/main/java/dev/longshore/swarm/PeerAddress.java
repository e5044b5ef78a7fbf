package dev.longshore.swarm;

/**
 * Where a swarm member listens for other members.
 *
 * @param id who it says it is; checked against its HELLO
 * @param host IP address or host name
 * @param port TCP port
 * @param role what it is there for
 */
public record PeerAddress(PeerId id, String host, int port, PeerRole role) {
  @Override
  public String toString() {
    return id + "@" + host + ":" + port;
  }
}
