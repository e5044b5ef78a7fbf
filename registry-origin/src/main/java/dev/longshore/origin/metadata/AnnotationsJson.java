package dev.longshore.origin.metadata;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Annotations as one JSON object in a column. */
final class AnnotationsJson {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final TypeReference<LinkedHashMap<String, String>> TYPE = new TypeReference<>() {};

  private AnnotationsJson() {}

  static String encode(Map<String, String> annotations) {
    return JSON.writeValueAsString(annotations);
  }

  static Map<String, String> decode(String json) {
    return JSON.readValue(json, TYPE);
  }
}
