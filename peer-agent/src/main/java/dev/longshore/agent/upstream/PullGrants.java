package dev.longshore.agent.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.swarm.SourceRef;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whose credentials the upstream accepted lately for which repository; in memory, by a hash of the
 * credentials.
 *
 * <p>What anonymous may pull, everybody may: an anonymous grant covers every caller.
 */
final class PullGrants {

  /** How long an acceptance is believed without asking again. */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** How long it is believed while the upstream cannot be asked. */
  static final Duration WHILE_UNREACHABLE = Duration.ofHours(1);

  private static final long MOST_GRANTS = 100_000;

  private record Key(SourceRef source, String credentials) {}

  private final LongSupplier clock;
  private final Cache<Key, Long> accepted =
      Caffeine.newBuilder().maximumSize(MOST_GRANTS).expireAfterWrite(WHILE_UNREACHABLE).build();

  /**
   * No grants yet.
   *
   * @param clock nanoseconds, monotonic: setting the machine's clock back prolongs no right
   */
  PullGrants(LongSupplier clock) {
    this.clock = clock;
  }

  void accept(Caller caller) {
    accepted.put(key(caller), clock.getAsLong());
  }

  void revoke(Caller caller) {
    accepted.invalidate(key(caller));
  }

  boolean fresh(Caller caller) {
    return within(caller, FRESH) || within(caller.withoutCredentials(), FRESH);
  }

  boolean whileUnreachable(Caller caller) {
    return within(caller, WHILE_UNREACHABLE);
  }

  private boolean within(Caller caller, Duration age) {
    Long at = accepted.getIfPresent(key(caller));
    return at != null && clock.getAsLong() - at < age.toNanos();
  }

  private static Key key(Caller caller) {
    return new Key(caller.source(), caller.credentialsKey());
  }
}
