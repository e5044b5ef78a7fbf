package dev.longshore.oci.client;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides the {@code Authorization} header of requests to the registry itself. */
interface Authorizer {

  /** The header for a request that needs these scopes, null for none. */
  @Nullable String header(List<String> scopes) throws IOException;

  /**
   * Learns from a 401.
   *
   * @param headers every {@code WWW-Authenticate} value
   * @param refused the header that was not good enough, null for none
   * @return the header to try again with, null when there is nothing better
   */
  @Nullable String afterChallenge(
      List<String> headers, List<String> scopes, @Nullable String refused) throws IOException;

  /** Sends what it was given and leaves challenges to whoever has the credentials. */
  record PassThrough(@Nullable String fixed) implements Authorizer {
    @Override
    public @Nullable String header(List<String> scopes) {
      return fixed;
    }

    @Override
    public @Nullable String afterChallenge(
        List<String> headers, List<String> scopes, @Nullable String refused) {
      return null;
    }

    @Override
    public String toString() {
      return "PassThrough[***]";
    }
  }
}
