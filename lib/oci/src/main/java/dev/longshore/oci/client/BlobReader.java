package dev.longshore.oci.client;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.http.BodyStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HEAD and GET of {@code /blobs/<digest>}, whole and in ranges. */
final class BlobReader {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

  private final RegistrySession session;

  BlobReader(RegistrySession session) {
    this.session = session;
  }

  OptionalLong size(RepositoryName repository, Digest digest) throws IOException {
    WireRequest request =
        WireRequest.head(
            session.uri(repository, "blobs/" + digest), RegistrySession.pull(repository));
    try (WireResponse response = session.send(request)) {
      if (response.status() == 404) {
        return OptionalLong.empty();
      }
      if (response.status() != 200) {
        throw response.failure();
      }
      if (response.contentLength().isEmpty()) {
        throw new IOException(
            "Tried to " + response.attempted() + ": expected a Content-Length, found none");
      }
      return response.contentLength();
    }
  }

  /** The range, going on by itself after a cut. */
  InputStream open(
      RepositoryName repository, Digest digest, long offset, long length, boolean whole)
      throws IOException {
    if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException(
          "not a range of a blob: offset " + offset + ", length " + length);
    }
    if (length == 0 && !whole) {
      return InputStream.nullInputStream();
    }
    WireRequest request =
        WireRequest.get(
            session.uri(repository, "blobs/" + digest), RegistrySession.pull(repository));
    BodyStream first =
        whole ? openWhole(request, length) : openRange(request, offset, offset + length);
    return new ResumableBlobStream(
        from -> openRange(request.once(), from, offset + length),
        first,
        offset,
        length,
        session.backoff(),
        request.attempted());
  }

  private BodyStream openWhole(WireRequest request, long size) throws IOException {
    WireResponse response = session.send(request);
    try {
      if (response.status() != 200) {
        throw response.failure();
      }
      OptionalLong found = response.contentLength();
      if (found.isPresent() && found.getAsLong() != size) {
        throw new IOException(
            "Tried to "
                + response.attempted()
                + ": expected "
                + size
                + " bytes, the registry announces "
                + found.getAsLong());
      }
      return BodyStream.of(response.body());
    } catch (IOException e) {
      response.close();
      throw e;
    }
  }

  /** Bytes {@code from} inclusive to {@code end} exclusive, checked to be just those. */
  private BodyStream openRange(WireRequest request, long from, long end) throws IOException {
    String asked = from + "-" + (end - 1);
    WireResponse response = session.send(request.withHeaders(Map.of("Range", "bytes=" + asked)));
    try {
      if (response.status() == 200) {
        throw new RangeIgnoredException(response.attempted(), asked);
      }
      if (response.status() != 206) {
        throw response.failure();
      }
      String found = response.header("content-range").orElse("none");
      Matcher range = CONTENT_RANGE.matcher(found);
      if (!range.matches()
          || Long.parseLong(range.group(1)) != from
          || Long.parseLong(range.group(2)) != end - 1) {
        throw new IOException(
            "Tried to "
                + response.attempted()
                + ": asked for bytes "
                + asked
                + ", the registry sent Content-Range: "
                + (found.length() > 80 ? found.substring(0, 80) : found));
      }
      return BodyStream.of(response.body());
    } catch (IOException e) {
      response.close();
      throw e;
    }
  }
}
