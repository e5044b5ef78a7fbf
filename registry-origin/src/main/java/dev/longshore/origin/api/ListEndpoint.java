package dev.longshore.origin.api;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.OciError;
import dev.longshore.origin.registry.Manifests;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.service.http.HttpExchange;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists tags, repositories and referrers, page by page. */
final class ListEndpoint {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** As many names as one page may have, also when the client asks for more. */
  static final int LARGEST_PAGE = 10_000;

  /** A page must stay under the 4 MiB that clients read of a manifest. */
  static final int REFERRERS_PAGE = 500;

  private final Manifests manifests;

  ListEndpoint(Manifests manifests) {
    this.manifests = manifests;
  }

  void tags(HttpExchange exchange, Route.Tags route)
      throws IOException, InterruptedException, RegistryException {
    Page page = Page.of(exchange);
    List<String> tags =
        manifests
            .tags(route.repository(), page.after().orElse(null), page.limit() + 1)
            .orElseThrow(() ->
                new RegistryException(
                    OciError.NAME_UNKNOWN, "there is no repository " + route.repository()));
    ObjectNode body = JSON.createObjectNode().put("name", route.repository());
    send(exchange, page, tags, "/v2/" + route.repository() + "/tags/list", "tags", body);
  }

  void catalog(HttpExchange exchange) throws IOException, InterruptedException, RegistryException {
    Page page = Page.of(exchange);
    List<String> names = manifests.repositories(page.after().orElse(null), page.limit() + 1);
    send(exchange, page, names, "/v2/_catalog", "repositories", JSON.createObjectNode());
  }

  /** Sends a page; one name more than fits tells that another page follows. */
  private static void send(
      HttpExchange exchange,
      Page page,
      List<String> names,
      String path,
      String field,
      ObjectNode body) {
    List<String> shown = names.subList(0, Math.min(page.limit(), names.size()));
    ArrayNode array = body.putArray(field);
    shown.forEach(array::add);
    HttpHeaders headers = Answers.headers().set(HttpHeaderNames.CONTENT_TYPE, Answers.JSON);
    if (names.size() > shown.size() && !shown.isEmpty()) {
      headers.set("link", next(path + "?n=" + page.limit() + "&last=" + encode(shown.getLast())));
    }
    exchange.respond(
        HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(JSON.writeValueAsBytes(body)));
  }

  void referrers(HttpExchange exchange, Route.Referrers route)
      throws IOException, InterruptedException, RegistryException {
    Optional<String> type = exchange.query().first("artifactType").filter(t -> !t.isEmpty());
    Optional<String> last = exchange.query().first("last");
    Digest after =
        last.isEmpty() ? null : Digest.tryParse(last.get()).orElseThrow(Route::malformedDigest);
    List<Descriptor> found =
        manifests.referrers(
            route.repository(), route.subject(), type.orElse(null), after, REFERRERS_PAGE + 1);
    List<Descriptor> shown = found.subList(0, Math.min(REFERRERS_PAGE, found.size()));
    HttpHeaders headers = Answers.headers().set(HttpHeaderNames.CONTENT_TYPE, MediaTypes.OCI_INDEX);
    if (type.isPresent()) {
      headers.set("oci-filters-applied", "artifactType");
    }
    if (found.size() > shown.size()) {
      String path = "/v2/" + route.repository() + "/referrers/" + route.subject();
      String filter = type.map(t -> "&artifactType=" + encode(t)).orElse("");
      headers.set("link", next(path + "?last=" + shown.getLast().digest() + filter));
    }
    exchange.respond(
        HttpResponseStatus.OK,
        headers,
        Unpooled.wrappedBuffer(ImageIndex.of(shown, Map.of()).bytes()));
  }

  private static String next(String target) {
    return "<" + target + ">; rel=\"next\"";
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** What {@code n} and {@code last} ask for. */
  private record Page(Optional<String> after, int limit) {

    static Page of(HttpExchange exchange) throws RegistryException {
      Optional<String> n = exchange.query().first("n");
      return new Page(exchange.query().first("last"), n.isEmpty() ? LARGEST_PAGE : limit(n.get()));
    }

    private static int limit(String text) throws RegistryException {
      if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(Character::isDigit)) {
        throw new RegistryException(
            OciError.UNSUPPORTED, 400, "n must be a number of names, 0 or more");
      }
      return (int) Math.min(LARGEST_PAGE, Long.parseLong(text));
    }
  }
}
