package dev.longshore.agent.upstream;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who wants to pull from a repository, with the credentials it showed.
 *
 * <p>Never printed whole and never written: {@link #toString} leaves the credentials out.
 */
public final class Caller {
  private static final String ANONYMOUS = "";

  private final SourceRef source;
  private final @Nullable String authorization;

  /**
   * A caller.
   *
   * @param authorization the Authorization header as it came, null when there was none
   */
  public Caller(SourceRef source, @Nullable String authorization) {
    this.source = source;
    this.authorization = authorization;
  }

  public SourceRef source() {
    return source;
  }

  public @Nullable String authorization() {
    return authorization;
  }

  /** Whether no credentials were shown. */
  public boolean anonymous() {
    return authorization == null;
  }

  /** Stands for the credentials without giving them away: a hash. */
  String credentialsKey() {
    return authorization == null
        ? ANONYMOUS
        : Digest.sha256(authorization.getBytes(StandardCharsets.UTF_8)).hex();
  }

  /** The same repository, seen by somebody without credentials. */
  Caller withoutCredentials() {
    return new Caller(source, null);
  }

  @Override
  public String toString() {
    return source + (anonymous() ? "" : " with credentials");
  }
}
