package dev.longshore.oci.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.RepositoryName;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.util.List;
import java.util.Optional;

/** Sends requests to one registry with authorization, redirects and repetition taken care of. */
final class RegistrySession {
  private static final int HEAD_ONLY = -1;

  private final ClientSettings settings;
  private final Redirects redirects;
  private final Authorizer authorizer;
  private final Backoff backoff;

  RegistrySession(ClientSettings settings, Wire wire, Authorizer authorizer) {
    this.settings = settings;
    this.redirects = new Redirects(wire, Origin.of(settings.endpoint()));
    this.authorizer = authorizer;
    this.backoff = new Backoff(settings.retries());
  }

  ClientSettings settings() {
    return settings;
  }

  Backoff backoff() {
    return backoff;
  }

  /**
   * The first answer that is not transient, or the last one; the caller closes it. A request that
   * is not repeatable is sent once, but for a 401.
   */
  WireResponse send(WireRequest request) throws IOException {
    return send(request, HEAD_ONLY);
  }

  /**
   * As {@link #send(WireRequest)} with a good answer's body read within the attempts.
   *
   * @param maxBytes the caller's bound; one byte more is read so that it can tell
   */
  WireResponse sendBuffered(WireRequest request, int maxBytes) throws IOException {
    return send(request, maxBytes);
  }

  private WireResponse send(WireRequest request, int bodyBytes) throws IOException {
    int attempts = request.repeatable() ? backoff.attempts() : 1;
    for (int attempt = 1; ; attempt++) {
      String retryAfter = null;
      try {
        WireResponse response = sendOnce(request);
        if (attempt >= attempts || !Backoff.isTransient(response.status())) {
          return bodyBytes >= 0 && response.status() == 200
              ? response.buffered(bodyBytes)
              : response;
        }
        retryAfter = response.header("retry-after").orElse(null);
        response.close();
      } catch (RegistryUnreachableException e) {
        if (attempt >= attempts) {
          throw e;
        }
      }
      backoff.pause(attempt, retryAfter);
    }
  }

  private WireResponse sendOnce(WireRequest request) throws IOException {
    boolean home = redirects.isHome(request.uri());
    String authorization = home ? authorizer.header(request.scopes()) : null;
    WireResponse response = redirects.follow(request, authorization);
    if (response.status() != 401 || !redirects.isHome(response.uri())) {
      return response;
    }
    String better =
        authorizer.afterChallenge(
            response.headers().allValues("www-authenticate"), request.scopes(), authorization);
    if (better == null) {
      return response;
    }
    response.close();
    return redirects.follow(request, better);
  }

  /** The header that answers challenges which somebody else was given. */
  Optional<String> authorization(RepositoryName repository, List<String> challenges)
      throws IOException {
    return Optional.ofNullable(authorizer.afterChallenge(challenges, pull(repository), null));
  }

  /** {@code /v2/<repository>/<path>} at the endpoint. */
  URI uri(RepositoryName repository, String path, String... query) {
    return uri("/v2/" + repository + "/" + path, query);
  }

  /** A path at the endpoint with names and values of a query by turns. */
  URI uri(String path, String... query) {
    URI endpoint = settings.endpoint();
    URI uri = URI.create(endpoint.getScheme() + "://" + endpoint.getRawAuthority() + path);
    for (int i = 0; i < query.length; i += 2) {
      uri = withQuery(uri, query[i], query[i + 1]);
    }
    String mirrored = settings.mirrored();
    return mirrored == null ? uri : withQuery(uri, "ns", mirrored);
  }

  /** Adds one parameter, whatever query is there already. */
  static URI withQuery(URI uri, String name, String value) {
    String text = uri.toString();
    char joint = uri.getRawQuery() == null ? '?' : '&';
    return URI.create(text + joint + name + "=" + URLEncoder.encode(value, UTF_8));
  }

  static List<String> pull(RepositoryName repository) {
    return List.of("repository:" + repository + ":pull");
  }

  static List<String> push(RepositoryName repository) {
    return List.of("repository:" + repository + ":pull,push");
  }

  static List<String> delete(RepositoryName repository) {
    return List.of("repository:" + repository + ":delete,pull");
  }
}
