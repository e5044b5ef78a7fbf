package dev.longshore.oci.client;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Does what the registry's challenge asks for: Basic, or a token from its token endpoint.
 *
 * <p>The first challenge is remembered, so that later requests are authorized before they are sent;
 * an upload's body then never goes out only to be refused.
 */
final class ChallengeAuthorizer implements Authorizer {
  private final CredentialsSource source;
  private final String registry;
  private final TokenStore tokens;
  private volatile @Nullable Challenge learnt;

  ChallengeAuthorizer(CredentialsSource source, String registry, TokenStore tokens) {
    this.source = source;
    this.registry = registry;
    this.tokens = tokens;
  }

  @Override
  public @Nullable String header(List<String> scopes) throws IOException {
    Optional<Credentials> credentials = source.forRegistry(registry);
    if (credentials.orElse(null) instanceof Credentials.RegistryToken token) {
      return token.authorization();
    }
    Challenge challenge = learnt;
    if (challenge == null) {
      return null;
    }
    return challenge.scheme().equals("basic")
        ? credentials.map(Credentials::authorization).orElse(null)
        : tokens.header(challenge, scopes, credentials, null);
  }

  @Override
  public @Nullable String afterChallenge(
      List<String> headers, List<String> scopes, @Nullable String refused) throws IOException {
    Optional<Credentials> credentials = source.forRegistry(registry);
    if (credentials.orElse(null) instanceof Credentials.RegistryToken) {
      return null;
    }
    Challenge basic = null;
    for (Challenge challenge : Challenge.parse(headers)) {
      if (challenge.scheme().equals("bearer") && !challenge.parameter("realm").isEmpty()) {
        learnt = challenge;
        return tokens.header(challenge, scopes, credentials, refused);
      }
      if (challenge.scheme().equals("basic")) {
        basic = challenge;
      }
    }
    if (basic == null || credentials.isEmpty()) {
      return null;
    }
    learnt = basic;
    String header = credentials.get().authorization();
    return header.equals(refused) ? null : header;
  }
}
