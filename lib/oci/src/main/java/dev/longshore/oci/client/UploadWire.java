package dev.longshore.oci.client;

import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The requests of one upload session; remembers its moving Location and offset. */
final class UploadWire {
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  private final RegistrySession session;
  private final RepositoryName repository;
  private final long minChunk;
  private URI location;
  private long offset;

  UploadWire(RegistrySession session, RepositoryName repository, WireResponse begun)
      throws IOException {
    this.session = session;
    this.repository = repository;
    this.location = locationOf(begun);
    String min = begun.header("oci-chunk-min-length").orElse("0");
    this.minChunk = min.matches("[0-9]{1,15}") ? Long.parseLong(min) : 0;
  }

  /** First byte that the registry does not have yet. */
  long offset() {
    return offset;
  }

  /** The chunk size to use for a wish, 0 meaning everything at once. */
  long chunk(long wished) {
    return wished == 0 ? 0 : Math.max(wished, minChunk);
  }

  /** PATCHes the next bytes. */
  void append(BlobSource content, long length, LongConsumer sent) throws IOException {
    Map<String, String> headers =
        Map.of(
            "Content-Type",
            MediaTypes.OCTET_STREAM,
            "Content-Range",
            offset + "-" + (offset + length - 1));
    try (WireResponse response =
        session.send(request("PATCH", location, headers, body(content, length, sent)))) {
      if (response.status() != 202 && response.status() != 204 && response.status() != 201) {
        throw response.failure();
      }
      location = locationOf(response);
      long expected = offset + length;
      long found = received(response).orElse(expected);
      if (found < offset || found > expected) {
        throw new IOException(
            "Tried to "
                + response.attempted()
                + ": expected the upload to stand at byte "
                + expected
                + ", the registry says "
                + found);
      }
      offset = found;
    }
  }

  /** PUTs what is left, often nothing, and the digest. */
  void finish(Digest digest, BlobSource content, LongConsumer sent) throws IOException {
    long length = content.size() - offset;
    URI uri = RegistrySession.withQuery(location, "digest", digest.toString());
    Map<String, String> headers =
        length == 0 ? Map.of() : Map.of("Content-Type", MediaTypes.OCTET_STREAM);
    try (WireResponse response =
        session.send(request("PUT", uri, headers, body(content, length, sent)))) {
      if (response.status() != 201 && response.status() != 200 && response.status() != 204) {
        throw response.failure();
      }
      Digest stored = ManifestFetcher.contentDigest(response).orElse(digest);
      if (stored.algorithm() == digest.algorithm() && !stored.equals(digest)) {
        throw new DigestMismatchException("Tried to " + response.attempted(), digest, stored);
      }
    }
  }

  /** Asks how far the upload got; false when it cannot be gone on with. */
  boolean askOffset(long size) throws IOException {
    WireRequest request = WireRequest.get(location, RegistrySession.push(repository));
    try (WireResponse response = session.send(request)) {
      if (response.status() != 204 && response.status() != 200 && response.status() != 202) {
        return false;
      }
      OptionalLong received = received(response);
      // Registries write "0-0" for nothing as well as for one byte: begin anew rather than guess.
      if (received.isEmpty() || received.getAsLong() <= 1 || received.getAsLong() > size) {
        return false;
      }
      location = locationOf(response);
      offset = received.getAsLong();
      return true;
    }
  }

  private WireRequest request(
      String method, URI uri, Map<String, String> headers, WireRequest.Body body) {
    return new WireRequest(method, uri, headers, body, RegistrySession.push(repository), false);
  }

  private WireRequest.Body body(BlobSource content, long length, LongConsumer sent) {
    long from = offset;
    return new WireRequest.Body(
        length, () -> new Slice(content.open(from), from, from + length, sent));
  }

  private static OptionalLong received(WireResponse response) {
    Matcher range = RANGE.matcher(response.header("range").orElse(""));
    return range.matches()
        ? OptionalLong.of(Long.parseLong(range.group(1)) + 1)
        : OptionalLong.empty();
  }

  /** The upload's next address; one that stays silent keeps the old. */
  private URI locationOf(WireResponse response) throws IOException {
    String text = response.header("location").orElse("");
    if (text.isEmpty() && location != null) {
      return location;
    }
    try {
      URI to = response.uri().resolve(text);
      if (!text.isEmpty()
          && ("http".equals(to.getScheme()) || "https".equals(to.getScheme()))
          && to.getHost() != null
          && to.getRawUserInfo() == null) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the refusal, which says it better.
    }
    throw new IOException(
        "Tried to " + response.attempted() + ": expected the upload's Location, found none usable");
  }

  /** Part of the content, telling how far it was read. */
  private static final class Slice extends FilterInputStream {
    private final long end;
    private final LongConsumer sent;
    private long position;

    Slice(InputStream in, long from, long end, LongConsumer sent) {
      super(in);
      this.position = from;
      this.end = end;
      this.sent = sent;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (position == end) {
        return -1;
      }
      int count = super.read(buffer, offset, (int) Math.min(length, end - position));
      if (count > 0) {
        position += count;
        sent.accept(position);
      }
      return count;
    }
  }
}
