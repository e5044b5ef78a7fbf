package dev.longshore.cli.preheat;

import dev.longshore.service.unit.HostAndPort;
import java.time.Duration;
import java.util.Optional;

/**
 * What members are asked for.
 *
 * @param image as users name it
 * @param platform one, or {@code all}; empty for each member's own
 * @param patience how long a member may get nothing before it counts as failed
 * @param login the user's, for a registry that wants one
 * @param sendLogin whether it may go to members over the network, in the clear
 */
public record PreheatOrder(
    String image,
    Optional<String> platform,
    Duration patience,
    RegistryLogin login,
    boolean sendLogin) {

  /** Whether the login may go to this member: nothing encrypts the way there. */
  boolean mayShowLoginTo(HostAndPort member) {
    return sendLogin || member.isLoopback();
  }
}
