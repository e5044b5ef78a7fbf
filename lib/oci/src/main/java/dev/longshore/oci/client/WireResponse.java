package dev.longshore.oci.client;

import dev.longshore.oci.OciErrorBody;
import dev.longshore.oci.OciErrorEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The head of an answer and its unread body.
 *
 * @param uri where it came from, after redirects
 */
record WireResponse(String attempted, URI uri, int status, HttpHeaders headers, InputStream body)
    implements AutoCloseable {
  private static final int MAX_ERROR_BYTES = 64 << 10;

  Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  /** The Content-Length; empty when absent or not a number. */
  OptionalLong contentLength() {
    String text = header("content-length").orElse("");
    return text.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /** The whole body, failing when it is longer than this. */
  byte[] readAtMost(int maxBytes) throws IOException {
    byte[] bytes = body.readNBytes(maxBytes + 1);
    if (bytes.length > maxBytes) {
      throw new IOException(
          "Tried to " + attempted + ": expected at most " + maxBytes + " bytes, found more");
    }
    return bytes;
  }

  /** The same with its body read into memory, so that a cut shows now. */
  WireResponse buffered(int maxBytes) throws IOException {
    byte[] bytes;
    try (body) {
      bytes = body.readNBytes(maxBytes + 1);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new RegistryUnreachableException(attempted, e);
    }
    return new WireResponse(attempted, uri, status, headers, new ByteArrayInputStream(bytes));
  }

  /** The exception for a status that nobody hoped for; reads what the body says about it. */
  RegistryException failure() {
    List<OciErrorEntry> errors = List.of();
    try {
      errors = OciErrorBody.parse(body.readNBytes(MAX_ERROR_BYTES));
    } catch (IOException e) {
      // The status alone has to do: the body only explains it.
      errors = List.of(new OciErrorEntry("", "the error body was cut off", ""));
    }
    List<String> challenges = headers.allValues("www-authenticate");
    return new RegistryException(
        attempted,
        status,
        errors,
        challenges.isEmpty() ? null : String.join(", ", challenges),
        header("retry-after").orElse(null));
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
