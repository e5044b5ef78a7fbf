package dev.longshore.oci.http;

import java.io.IOException;
import java.net.http.HttpHeaders;

/**
 * The head of an answer and its unread body.
 *
 * @param status three digits
 * @param body whoever has the answer closes it
 */
public record HttpAnswer(int status, HttpHeaders headers, BodyStream body)
    implements AutoCloseable {

  @Override
  public void close() throws IOException {
    body.close();
  }
}
