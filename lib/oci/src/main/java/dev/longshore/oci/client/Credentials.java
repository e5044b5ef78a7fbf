package dev.longshore.oci.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What a client proves its identity with. */
public sealed interface Credentials {

  /** The value of an {@code Authorization} header. */
  String authorization();

  /**
   * A user name and a password, for HTTP Basic and for the token endpoint.
   *
   * @param user without a colon
   * @param password never shown
   */
  record UserPassword(String user, String password) implements Credentials {
    public UserPassword {
      if (user.indexOf(':') >= 0) {
        throw new IllegalArgumentException("a user name must not contain ':'");
      }
    }

    @Override
    public String authorization() {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
      return "UserPassword[" + user + ", ***]";
    }
  }

  /**
   * A token that the registry takes as it is.
   *
   * @param token never shown
   */
  record RegistryToken(String token) implements Credentials {
    @Override
    public String authorization() {
      return "Bearer " + token;
    }

    @Override
    public String toString() {
      return "RegistryToken[***]";
    }
  }
}
