package dev.longshore.oci.client;

import java.time.Instant;

/**
 * A token and when it stops working.
 *
 * @param token never shown
 */
record BearerToken(String token, Instant expiry) {
  String header() {
    return "Bearer " + token;
  }

  @Override
  public String toString() {
    return "BearerToken[***, " + expiry + "]";
  }
}
