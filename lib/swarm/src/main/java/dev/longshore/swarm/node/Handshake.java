package dev.longshore.swarm.node;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.GoodbyeReason;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What two members say first to each other, and who is not talked to. */
final class Handshake {
  private final SwarmNodeConfig self;
  private final int listenPort;
  private final BanList bans;

  Handshake(SwarmNodeConfig self, int listenPort, BanList bans) {
    this.self = self;
    this.listenPort = listenPort;
    this.bans = bans;
  }

  /** What this side says. */
  Frame.Hello hello() {
    return new Frame.Hello(
        0, self.id(), self.role(), listenPort, self.advertiseHost(), self.zone());
  }

  /**
   * Why the peer is not the one to talk to; null when it may be.
   *
   * @param dialed whom this side dialed; null: the other side dialed
   */
  @Nullable Farewell objection(Frame.Hello hello, @Nullable PeerAddress dialed) {
    PeerId found = hello.id();
    if (found.equals(self.id())) {
      return new Farewell(GoodbyeReason.WRONG_PEER, "a member that dials itself");
    }
    if (dialed != null && !dialed.id().equals(found)) {
      return new Farewell(GoodbyeReason.WRONG_PEER, "expected " + dialed.id() + ", found " + found);
    }
    return null;
  }

  /** Where the peer is: as it was dialed, else as it says. */
  static PeerAddress address(Frame.Hello hello, @Nullable PeerAddress dialed, InetAddress remote) {
    if (dialed != null) {
      return dialed;
    }
    String host = hello.host().isEmpty() ? remote.getHostAddress() : hello.host();
    return new PeerAddress(hello.id(), host, hello.port(), hello.role());
  }

  boolean isShutOut(Frame.Hello hello, InetAddress remote) {
    return bans.isBanned(hello.id()) || bans.isBanned(remote, hello.port());
  }
}
