package dev.longshore.oci;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Unmodifiable copies that keep their order, so that written documents are stable. */
final class ImmutableCopies {
  private ImmutableCopies() {}

  static Map<String, String> of(Map<String, String> map) {
    return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
