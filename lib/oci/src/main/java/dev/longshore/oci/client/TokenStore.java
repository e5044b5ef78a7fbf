package dev.longshore.oci.client;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Keeps bearer tokens by what they are for, until shortly before they expire. */
final class TokenStore {
  private static final int MAX_ENTRIES = 1_024;
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /** Asks the token endpoint. */
  @FunctionalInterface
  interface Fetcher {
    BearerToken fetch(Challenge challenge, List<String> scopes, Optional<Credentials> credentials)
        throws IOException;
  }

  /** One slot a purpose; its lock makes concurrent requests share one fetch. */
  private static final class Slot {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable BearerToken token;
  }

  private record Purpose(
      String realm, String service, List<String> scopes, Optional<Credentials> credentials) {}

  private final Fetcher fetcher;
  private final InstantSource clock;

  /** Least recently used first; guarded by itself. */
  private final Map<Purpose, Slot> slots =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Purpose, Slot> eldest) {
          return size() > MAX_ENTRIES;
        }
      };

  TokenStore(Fetcher fetcher, InstantSource clock) {
    this.fetcher = fetcher;
    this.clock = clock;
  }

  /**
   * A header with a token for these scopes.
   *
   * @param refused a header the registry has just turned down, which is not given again
   */
  String header(
      Challenge challenge,
      List<String> scopes,
      Optional<Credentials> credentials,
      @Nullable String refused)
      throws IOException {
    // A request that names no scope of its own, a ping, takes what the challenge asks for.
    List<String> wanted = scopes.isEmpty() ? challengeScope(challenge) : scopes;
    Slot slot;
    synchronized (slots) {
      slot =
          slots.computeIfAbsent(
              new Purpose(
                  challenge.parameter("realm"),
                  challenge.parameter("service"),
                  wanted,
                  credentials),
              purpose -> new Slot());
    }
    slot.lock.lock();
    try {
      BearerToken token = slot.token;
      Instant now = clock.instant();
      if (token == null
          || !now.isBefore(token.expiry().minus(MARGIN))
          || token.header().equals(refused)) {
        token = fetcher.fetch(challenge, wanted, credentials);
        slot.token = token;
      }
      return token.header();
    } finally {
      slot.lock.unlock();
    }
  }

  private static List<String> challengeScope(Challenge challenge) {
    List<String> scopes = new ArrayList<>();
    for (String scope : challenge.parameter("scope").split(" ", -1)) {
      if (!scope.isEmpty()) {
        scopes.add(scope);
      }
    }
    return List.copyOf(scopes);
  }
}
