package dev.longshore.origin.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** User and password of HTTP Basic authentication (RFC 7617). */
record BasicCredentials(String user, String password) {
  private static final String SCHEME = "Basic ";

  static boolean isBasic(String authorization) {
    return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
  }

  /** Reads an Authorization header; empty when it is not well-formed Basic. */
  static Optional<BasicCredentials> parse(String authorization) {
    if (!isBasic(authorization)) {
      return Optional.empty();
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip()),
              StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(new BasicCredentials(pair.substring(0, colon), pair.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "BasicCredentials[" + user + "]";
  }
}
