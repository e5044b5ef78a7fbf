package dev.longshore.oci.client;

import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Walks {@code Link: <…>; rel="next"} (RFC 8288), within the registry and never in a circle. */
final class Pages {
  private static final int MAX_PAGES = 10_000;
  private static final Pattern NEXT =
      Pattern.compile("<([^<>]{1,4096})>\\s*;[^,]{0,256}\\brel=\"?next\"?");

  private final RegistrySession session;
  private final List<String> scopes;
  private final Set<URI> seen = new HashSet<>();
  private final Origin home;
  private final int maxPageBytes;
  private @Nullable URI upcoming;

  Pages(RegistrySession session, URI first, List<String> scopes, int maxPageBytes) {
    this.maxPageBytes = maxPageBytes;
    this.session = session;
    this.scopes = scopes;
    this.home = Origin.of(first);
    this.upcoming = first;
  }

  boolean hasNext() {
    return upcoming != null;
  }

  /** The next page, which the caller closes. */
  WireResponse next() throws IOException {
    URI uri = upcoming;
    if (uri == null) {
      throw new IllegalStateException("no more pages");
    }
    if (!seen.add(uri) || seen.size() > MAX_PAGES) {
      throw new IOException(
          "Tried to list all pages at " + RedactedUrl.of(uri) + ": the registry runs in circles");
    }
    WireResponse response = session.sendBuffered(WireRequest.get(uri, scopes), maxPageBytes);
    upcoming = following(uri, response).orElse(null);
    return response;
  }

  private Optional<URI> following(URI from, WireResponse response) throws IOException {
    Matcher link = NEXT.matcher(String.join(", ", response.headers().allValues("link")));
    if (!link.find()) {
      return Optional.empty();
    }
    try {
      URI to = from.resolve(link.group(1));
      if (Origin.of(to).equals(home)) {
        return Optional.of(to);
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the refusal, which says it better.
    }
    response.close();
    throw new IOException(
        "Tried to "
            + response.attempted()
            + ": the link to the next page does not stay at this registry");
  }
}
