package dev.longshore.agent.mirror;

import dev.longshore.oci.json.BoundedJson;
import dev.longshore.service.http.QueryParameters;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The part of a tag list that {@code n=} and {@code last=} select (distribution-spec, "Listing
 * tags").
 *
 * @param tags in order
 * @param more whether others follow
 */
record TagPage(List<String> tags, boolean more) {

  /** Cuts a whole list; an {@code n=} that is no number is ignored. */
  static TagPage of(List<String> all, QueryParameters query) {
    Optional<String> last = query.first("last");
    List<String> rest =
        last.isEmpty() ? all : all.stream().filter(tag -> tag.compareTo(last.get()) > 0).toList();
    int n = query.first("n").map(text -> count(text, rest.size())).orElse(rest.size());
    return new TagPage(rest.subList(0, n), n > 0 && n < rest.size());
  }

  private static int count(String text, int most) {
    return text.matches("[0-9]{1,9}") ? Math.min(Integer.parseInt(text), most) : most;
  }

  /** The body of the answer. */
  byte[] json(String repository) {
    ObjectNode root = BoundedJson.newObject();
    root.put("name", repository);
    ArrayNode list = root.putArray("tags");
    tags.forEach(list::add);
    return BoundedJson.write(root);
  }

  /** The Link header that leads to the next page. */
  Optional<String> next(String path, QueryParameters query) {
    if (!more) {
      return Optional.empty();
    }
    String ns = query.first("ns").map(name -> "&ns=" + encode(name)).orElse("");
    return Optional.of(
        "<"
            + path
            + "?n="
            + tags.size()
            + "&last="
            + encode(tags.getLast())
            + ns
            + ">; rel=\"next\"");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
