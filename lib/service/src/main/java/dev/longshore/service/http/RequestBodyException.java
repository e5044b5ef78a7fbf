package dev.longshore.service.http;

import java.io.IOException;

/** A request's body cannot be read to its end, and that is the client's doing. */
public final class RequestBodyException extends IOException {
  public RequestBodyException(String message) {
    super(message);
  }
}
