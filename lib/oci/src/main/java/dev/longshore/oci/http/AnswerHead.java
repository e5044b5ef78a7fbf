package dev.longshore.oci.http;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Status line and header fields of an answer, by RFC 9112 sections 4 and 5. */
record AnswerHead(boolean http11, int status, HttpHeaders headers) {
  private static final Pattern STATUS_LINE =
      Pattern.compile("HTTP/1\\.([01]) ([1-9][0-9]{2})( .*)?");
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");

  /** Bytes of all lines together. */
  private static final int LONGEST = 64 << 10;

  /** Reads the head of the final answer: what a server says meanwhile (1xx) is read past. */
  static AnswerHead read(Connection connection) throws IOException {
    int left = LONGEST;
    long deadline = connection.deadline();
    while (true) {
      String first = connection.readLine(left, deadline);
      left -= first.length();
      Matcher status = STATUS_LINE.matcher(first);
      if (!status.matches()) {
        throw new IOException(
            "expected an HTTP/1.1 status line, found '"
                + first.substring(0, Math.min(first.length(), 40))
                + "'");
      }
      Map<String, List<String>> fields = new LinkedHashMap<>();
      while (true) {
        String line = connection.readLine(left, deadline);
        left -= line.length() + 1;
        if (line.isEmpty()) {
          break;
        }
        add(fields, line);
      }
      int code = Integer.parseInt(status.group(2));
      if (code >= 200) {
        return new AnswerHead(
            status.group(1).equals("1"), code, HttpHeaders.of(fields, (name, value) -> true));
      }
      if (code == 101) {
        throw new IOException("the server changed to a protocol that nobody asked for");
      }
    }
  }

  private static void add(Map<String, List<String>> fields, String line) throws IOException {
    int colon = line.indexOf(':');
    String name = colon < 0 ? "" : line.substring(0, colon);
    // A folded line (obsolete) starts with a space and is refused here too.
    if (!NAME.matcher(name).matches()) {
      throw new IOException(
          "expected a header field, found '"
              + line.substring(0, Math.min(line.length(), 40))
              + "'");
    }
    fields
        .computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>(1))
        .add(line.substring(colon + 1).strip());
  }

  boolean hasNoBody() {
    return status == 204 || status == 304;
  }

  boolean isChunked() throws IOException {
    List<String> codings = headers.allValues("transfer-encoding");
    if (codings.isEmpty()) {
      return false;
    }
    if (codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked")) {
      return true;
    }
    throw new IOException("unknown Transfer-Encoding " + codings);
  }

  /** What Content-Length says, -1 when it is not there. */
  long contentLength() throws IOException {
    List<String> lengths = headers.allValues("content-length");
    if (lengths.isEmpty()) {
      return -1;
    }
    String first = lengths.getFirst();
    if (!lengths.stream().allMatch(first::equals) || !first.matches("[0-9]{1,18}")) {
      throw new IOException("Content-Length is no number: " + lengths);
    }
    return Long.parseLong(first);
  }

  /** Whether another request may follow on the connection once the body was read. */
  boolean keepsConnection() {
    boolean close =
        headers.allValues("connection").stream()
            .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains("close"));
    // Both at once are how requests are smuggled (RFC 9112 section 6.1).
    boolean doubtful =
        headers.firstValue("transfer-encoding").isPresent()
            && headers.firstValue("content-length").isPresent();
    return http11 && !close && !doubtful;
  }
}
