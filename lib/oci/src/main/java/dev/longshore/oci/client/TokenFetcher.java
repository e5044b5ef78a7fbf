package dev.longshore.oci.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gets a token by GET, as the Docker token protocol has it. */
final class TokenFetcher implements TokenStore.Fetcher {
  private static final int MAX_BYTES = 256 << 10;

  /** The protocol's default, and the least a registry may give. */
  private static final long MIN_SECONDS = 60;

  private static final long MAX_SECONDS = 24 * 3_600;

  private final HttpSender sender;
  private final Backoff backoff;
  private final Origin registry;
  private final InstantSource clock;

  TokenFetcher(HttpSender sender, Backoff backoff, Origin registry, InstantSource clock) {
    this.sender = sender;
    this.backoff = backoff;
    this.registry = registry;
    this.clock = clock;
  }

  @Override
  public BearerToken fetch(
      Challenge challenge, List<String> scopes, Optional<Credentials> credentials)
      throws IOException {
    URI uri = tokenUri(challenge, scopes, credentials);
    String authorization = credentials.map(Credentials::authorization).orElse(null);
    // A registry behind TLS must not talk us into sending its password in the clear.
    if (authorization != null && registry.isPrivate() && !Origin.of(uri).isPrivate()) {
      throw new IOException(
          "the registry sends its users to a token endpoint in the clear, "
              + RedactedUrl.of(uri)
              + "; refusing to send the password there");
    }
    Redirects exchange = new Redirects(sender, Origin.of(uri));
    WireRequest request = WireRequest.get(uri, List.of());
    for (int attempt = 1; ; attempt++) {
      try (WireResponse response = exchange.follow(request, authorization)) {
        if (response.status() == 200) {
          return parse(response);
        }
        if (!Backoff.isTransient(response.status()) || attempt >= backoff.attempts()) {
          throw response.failure();
        }
        backoff.pause(attempt, response.header("retry-after").orElse(null));
      }
    }
  }

  private static URI tokenUri(
      Challenge challenge, List<String> scopes, Optional<Credentials> credentials)
      throws IOException {
    String realm = challenge.parameter("realm");
    StringBuilder text = new StringBuilder(realm).append(realm.indexOf('?') < 0 ? '?' : '&');
    text.append("client_id=longshore");
    if (!challenge.parameter("service").isEmpty()) {
      text.append("&service=").append(encode(challenge.parameter("service")));
    }
    for (String scope : scopes) {
      text.append("&scope=").append(encode(scope));
    }
    if (credentials.orElse(null) instanceof Credentials.UserPassword login) {
      text.append("&account=").append(encode(login.user()));
    }
    try {
      URI uri = URI.create(text.toString());
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the refusal, which says it better.
    }
    throw new IOException(
        "the registry's challenge names no usable token endpoint: expected an http or https URL");
  }

  private BearerToken parse(WireResponse response) throws IOException {
    ObjectNode answer =
        BoundedJson.parseObject(
            response.readAtMost(MAX_BYTES), MAX_BYTES, "answer of the token endpoint");
    String token = text(answer.get("token"));
    if (token.isEmpty()) {
      token = text(answer.get("access_token"));
    }
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IOException(
          "Tried to " + response.attempted() + ": expected a token, found none that can be sent");
    }
    JsonNode expires = answer.get("expires_in");
    long seconds =
        expires != null && expires.isIntegralNumber() && expires.canConvertToLong()
            ? Math.clamp(expires.longValue(), MIN_SECONDS, MAX_SECONDS)
            : MIN_SECONDS;
    return new BearerToken(token, clock.instant().plusSeconds(seconds));
  }

  private static String text(@Nullable JsonNode node) {
    return node != null && node.isString() ? node.stringValue() : "";
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, UTF_8);
  }
}
