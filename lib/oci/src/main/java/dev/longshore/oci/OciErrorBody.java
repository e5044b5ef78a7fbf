package dev.longshore.oci;

import dev.longshore.oci.json.BoundedJson;
import dev.longshore.oci.json.MalformedJsonException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON body of a failed registry request (distribution-spec, "Error codes"). */
public final class OciErrorBody {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_ENTRIES = 32;

  private OciErrorBody() {}

  /** One error as JSON. */
  public static byte[] write(OciErrorEntry entry) {
    return write(List.of(entry));
  }

  /** Several errors as JSON; a detail is written as a string. */
  public static byte[] write(List<OciErrorEntry> entries) {
    ObjectNode root = BoundedJson.newObject();
    ArrayNode errors = root.putArray("errors");
    for (OciErrorEntry entry : entries) {
      ObjectNode node = errors.addObject();
      node.put("code", entry.code());
      node.put("message", entry.message());
      if (!entry.detail().isEmpty()) {
        node.put("detail", entry.detail());
      }
    }
    return BoundedJson.write(root);
  }

  /** The errors in a body; empty when it is not an error body, which is no error in itself. */
  public static List<OciErrorEntry> parse(byte[] body) {
    JsonNode errors;
    try {
      errors = BoundedJson.parseObject(body, MAX_BYTES, "error body").get("errors");
    } catch (MalformedJsonException e) {
      // A proxy's HTML page: the status line says all there is to know.
      return List.of();
    }
    if (errors == null || !errors.isArray()) {
      return List.of();
    }
    List<OciErrorEntry> entries = new ArrayList<>();
    for (JsonNode error : errors) {
      if (error.isObject() && entries.size() < MAX_ENTRIES) {
        entries.add(
            new OciErrorEntry(
                string(error.get("code")),
                string(error.get("message")),
                string(error.get("detail"))));
      }
    }
    return List.copyOf(entries);
  }

  private static String string(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return "";
    }
    return Excerpt.of(node.isString() ? node.stringValue() : node.toString());
  }
}
