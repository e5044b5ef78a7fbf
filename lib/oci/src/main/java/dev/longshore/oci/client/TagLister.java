package dev.longshore.oci.client;

import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** GET of {@code /tags/list}, all pages of it. */
final class TagLister {
  private static final int MAX_PAGE_BYTES = 8 << 20;
  private static final int MAX_TAGS = 1_000_000;

  private final RegistrySession session;

  TagLister(RegistrySession session) {
    this.session = session;
  }

  List<String> list(RepositoryName repository) throws IOException {
    List<String> tags = new ArrayList<>();
    Pages pages =
        new Pages(
            session,
            session.uri(repository, "tags/list"),
            RegistrySession.pull(repository),
            MAX_PAGE_BYTES);
    while (pages.hasNext()) {
      try (WireResponse response = pages.next()) {
        if (response.status() != 200) {
          throw response.failure();
        }
        JsonNode names =
            BoundedJson.parseObject(response.readAtMost(MAX_PAGE_BYTES), MAX_PAGE_BYTES, "tag list")
                .get("tags");
        // A repository without tags is written as null by registries in Go.
        if (names == null || names.isNull()) {
          continue;
        }
        for (JsonNode name : names) {
          if (!name.isString() || tags.size() >= MAX_TAGS) {
            throw new IOException(
                "Tried to "
                    + response.attempted()
                    + ": expected at most "
                    + MAX_TAGS
                    + " tags, each a string");
          }
          tags.add(name.stringValue());
        }
      }
    }
    return List.copyOf(tags);
  }
}
