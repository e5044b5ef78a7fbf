package dev.longshore.swarm;

/** What a swarm member is there for. The wire code is ours and never changes. */
public enum PeerRole {
  /** A node that pulls images and shares what it pulls. */
  AGENT(1),
  /** A member that pulls in order to seed. */
  SEEDER(2);

  private final int wireCode;

  PeerRole(int wireCode) {
    this.wireCode = wireCode;
  }

  public int wireCode() {
    return wireCode;
  }

  /** The role of a wire code; an unknown code is an agent, the role without privileges. */
  public static PeerRole ofWireCode(int code) {
    return code == SEEDER.wireCode ? SEEDER : AGENT;
  }
}
