package dev.longshore.service.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decoded query parameters.
 *
 * @param values every value of every name, in order
 */
public record QueryParameters(Map<String, List<String>> values) {

  /** Parses what stands after the question mark; {@code uri} may be a whole request target. */
  public static QueryParameters of(String uri) {
    return new QueryParameters(new QueryStringDecoder(uri).parameters());
  }

  /** The first value of a name. */
  public Optional<String> first(String name) {
    List<String> found = values.get(name);
    return found == null ? Optional.empty() : Optional.of(found.getFirst());
  }

  /** Every value of a name. */
  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }
}
