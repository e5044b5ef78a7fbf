package dev.longshore.origin.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.longshore.origin.metadata.Metadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request comes from somebody with an account.
 *
 * <p>A password takes long to check, and every request carries it: the outcome is remembered for a
 * few minutes under a keyed hash of the header, never the password itself. Checks run one at a time
 * on a thread of their own, with a short queue, so that guessing cannot take the machine away from
 * those who are known.
 */
public final class Authenticator implements AutoCloseable {

  /** The account that is created at the first start. */
  public static final String ADMIN = "admin";

  /** What is known about a request without blocking. */
  public enum Verdict {
    ALLOWED,
    DENIED,
    /** {@link #verify} has to be asked. */
    UNDECIDED
  }

  private static final Duration REMEMBER_GOOD = Duration.ofMinutes(10);
  private static final Duration REMEMBER_BAD = Duration.ofSeconds(30);
  private static final int REMEMBERED = 10_000;
  private static final int LONGEST_QUEUE = 32;
  private static final int PASSWORD_BYTES = 16;

  private final Metadata metadata;
  private final boolean anonymous;
  private final SecretKeySpec cacheKey;
  private final Cache<String, Boolean> outcomes =
      Caffeine.newBuilder()
          .maximumSize(REMEMBERED)
          .expireAfter(
              Expiry.<String, Boolean>creating((key, good) -> good ? REMEMBER_GOOD : REMEMBER_BAD))
          .build();
  private final ExecutorService checker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(LONGEST_QUEUE),
          Thread.ofPlatform().daemon().name("origin-passwords").factory());

  /**
   * An authenticator over the stored accounts.
   *
   * @param anonymous whether requests without credentials are allowed too
   */
  public Authenticator(Metadata metadata, boolean anonymous) {
    this.metadata = metadata;
    this.anonymous = anonymous;
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    this.cacheKey = new SecretKeySpec(key, "HmacSHA256");
  }

  public boolean allowsAnonymous() {
    return anonymous;
  }

  /**
   * Makes sure that there is an admin account.
   *
   * @return its password when it was created just now: it is stored nowhere in the clear
   */
  public Optional<String> createAdmin() throws IOException, InterruptedException {
    if (metadata.password(ADMIN).isPresent()) {
      return Optional.empty();
    }
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    return metadata.addUser(ADMIN, PasswordHash.of(password))
        ? Optional.of(password)
        : Optional.empty();
  }

  /** What an Authorization header, null when absent, is worth. Never blocks. */
  public Verdict check(@Nullable String authorization) {
    if (authorization == null || !BasicCredentials.isBasic(authorization)) {
      return anonymous ? Verdict.ALLOWED : Verdict.DENIED;
    }
    Boolean known = outcomes.getIfPresent(cacheKey(authorization));
    if (known == null) {
      return Verdict.UNDECIDED;
    }
    return known ? Verdict.ALLOWED : Verdict.DENIED;
  }

  /**
   * Checks a Basic header against the stored password. Blocks.
   *
   * @throws TooManyChecksException if too many others wait already
   */
  public boolean verify(String authorization)
      throws IOException, InterruptedException, TooManyChecksException {
    Optional<BasicCredentials> credentials = BasicCredentials.parse(authorization);
    if (credentials.isEmpty()) {
      return false;
    }
    String key = cacheKey(authorization);
    try {
      return checker.submit(() -> verifyOnce(key, credentials.get())).get();
    } catch (RejectedExecutionException e) {
      throw new TooManyChecksException();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("cannot check a password", e.getCause());
    }
  }

  private boolean verifyOnce(String key, BasicCredentials credentials)
      throws IOException, InterruptedException {
    // Those who queued behind the same header share its outcome.
    Boolean known = outcomes.getIfPresent(key);
    if (known != null) {
      return known;
    }
    Optional<String> stored = metadata.password(credentials.user());
    boolean good = stored.isPresent() && PasswordHash.matches(credentials.password(), stored.get());
    outcomes.put(key, good);
    return good;
  }

  private String cacheKey(String authorization) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(cacheKey);
      return HexFormat.of().formatHex(mac.doFinal(authorization.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  @Override
  public void close() {
    checker.shutdownNow();
  }
}
