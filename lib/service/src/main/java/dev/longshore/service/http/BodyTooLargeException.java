package dev.longshore.service.http;

import java.io.IOException;

/** A request body is longer than its reader takes. */
public final class BodyTooLargeException extends IOException {
  public BodyTooLargeException(long limit) {
    super("the request body is longer than " + limit + " bytes");
  }
}
