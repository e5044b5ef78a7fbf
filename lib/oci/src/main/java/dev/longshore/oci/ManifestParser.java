package dev.longshore.oci;

import dev.longshore.oci.json.BoundedJson;
import dev.longshore.oci.json.MalformedJsonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns bytes into a manifest or an index, strictly about what it reads and indifferent to unknown
 * fields.
 *
 * <p>A document that could be read as both is refused (CVE-2021-41190: two clients that differ on
 * the type see two images under one digest). A JSON null stands for an absent field, as Go writes
 * empty slices.
 */
final class ManifestParser {
  private static final String ADVICE = "; push the image again with a tool that writes OCI 1.x";

  private ManifestParser() {}

  static Manifest parse(byte[] bytes, @Nullable String contentType)
      throws MalformedManifestException {
    ObjectNode root;
    try {
      root = BoundedJson.parseObject(bytes, Manifest.MAX_BYTES, "manifest");
    } catch (MalformedJsonException e) {
      throw new MalformedManifestException(String.valueOf(e.getMessage()), e);
    }
    String mediaType = mediaType(root, MediaTypes.bare(contentType));
    JsonNode version = root.get("schemaVersion");
    if (version == null || !version.isInt() || version.intValue() != 2) {
      throw new MalformedManifestException(
          "manifest: expected \"schemaVersion\": 2, found " + shown(version) + ADVICE);
    }
    VerbatimDocument document =
        new VerbatimDocument(
            mediaType,
            bytes,
            optionalDescriptor(root, "subject"),
            text(root, "artifactType", "manifest"),
            strings(root, "annotations", "manifest"));
    if (MediaTypes.isIndex(mediaType)) {
      refuseField(root, "config", mediaType);
      refuseField(root, "layers", mediaType);
      return new ImageIndex(document, descriptors(root, "manifests"));
    }
    refuseField(root, "manifests", mediaType);
    Descriptor config = optionalDescriptor(root, "config");
    if (config == null) {
      throw new MalformedManifestException("manifest: \"config\" is missing");
    }
    return new ImageManifest(document, config, descriptors(root, "layers"));
  }

  private static String mediaType(ObjectNode root, String contentType)
      throws MalformedManifestException {
    String declared = text(root, "mediaType", "manifest");
    String type = contentType;
    // A server that does not know better sends one of these; the document decides then.
    if (type.isEmpty() || type.equals(MediaTypes.JSON) || type.equals(MediaTypes.OCTET_STREAM)) {
      type = declared != null && !declared.isEmpty() ? declared : typeByShape(root);
    } else if (declared != null && !declared.isEmpty() && !declared.equals(type)) {
      throw new MalformedManifestException(
          "manifest: came as "
              + Excerpt.of(type)
              + " but says \"mediaType\": \""
              + Excerpt.of(declared)
              + "\"");
    }
    if (type.startsWith(MediaTypes.DOCKER_SCHEMA_1_PREFIX)) {
      throw new MalformedManifestException("manifest: Docker schema 1 is not supported" + ADVICE);
    }
    if (!MediaTypes.isManifest(type)) {
      throw new MalformedManifestException(
          "manifest: expected one of " + MediaTypes.MANIFESTS + ", found " + Excerpt.of(type));
    }
    return type;
  }

  private static String typeByShape(ObjectNode root) throws MalformedManifestException {
    boolean index = present(root, "manifests");
    boolean image = present(root, "config") || present(root, "layers");
    if (index == image) {
      throw new MalformedManifestException(
          "manifest: has no media type, and its fields do not tell an image from an index");
    }
    return index ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
  }

  private static void refuseField(ObjectNode root, String field, String mediaType)
      throws MalformedManifestException {
    if (present(root, field)) {
      throw new MalformedManifestException(
          "manifest: " + mediaType + " must not have \"" + field + "\"");
    }
  }

  private static List<Descriptor> descriptors(ObjectNode root, String field)
      throws MalformedManifestException {
    JsonNode list = root.get(field);
    if (list == null) {
      throw new MalformedManifestException("manifest: \"" + field + "\" is missing");
    }
    if (list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      throw new MalformedManifestException(
          "manifest: \"" + field + "\" must be a list, found " + shown(list));
    }
    List<Descriptor> all = new ArrayList<>(list.size());
    for (JsonNode item : list) {
      all.add(descriptor(item, field + "[" + all.size() + "]"));
    }
    return all;
  }

  private static @Nullable Descriptor optionalDescriptor(ObjectNode root, String field)
      throws MalformedManifestException {
    return present(root, field) ? descriptor(root.get(field), field) : null;
  }

  private static Descriptor descriptor(@Nullable JsonNode node, String where)
      throws MalformedManifestException {
    if (!(node instanceof ObjectNode object)) {
      throw new MalformedManifestException(
          "manifest: " + where + " must be an object, found " + shown(node));
    }
    String mediaType = text(object, "mediaType", where);
    if (mediaType == null || mediaType.isEmpty()) {
      throw new MalformedManifestException("manifest: " + where + ".mediaType is missing");
    }
    String digestText = text(object, "digest", where);
    Optional<Digest> digest = digestText == null ? Optional.empty() : Digest.tryParse(digestText);
    if (digest.isEmpty()) {
      throw new MalformedManifestException(
          "manifest: "
              + where
              + ".digest: expected sha256:<64 hex> or sha512:<128 hex>, found "
              + (digestText == null ? "nothing" : "'" + Excerpt.of(digestText) + "'"));
    }
    JsonNode size = object.get("size");
    if (size == null
        || !size.isIntegralNumber()
        || !size.canConvertToLong()
        || size.longValue() < 0) {
      throw new MalformedManifestException(
          "manifest: " + where + ".size: expected a number of bytes, found " + shown(size));
    }
    return new Descriptor(
        mediaType,
        digest.get(),
        size.longValue(),
        strings(object, "annotations", where),
        urls(object, where),
        text(object, "artifactType", where),
        platform(object, where));
  }

  private static @Nullable Platform platform(ObjectNode object, String where)
      throws MalformedManifestException {
    if (!present(object, "platform")) {
      return null;
    }
    String at = where + ".platform";
    if (!(object.get("platform") instanceof ObjectNode platform)) {
      throw new MalformedManifestException("manifest: " + at + " must be an object");
    }
    String os = text(platform, "os", at);
    String architecture = text(platform, "architecture", at);
    return new Platform(
        os == null ? "" : os,
        architecture == null ? "" : architecture,
        text(platform, "variant", at),
        text(platform, "os.version", at));
  }

  private static List<String> urls(ObjectNode object, String where)
      throws MalformedManifestException {
    if (!present(object, "urls")) {
      return List.of();
    }
    JsonNode list = object.get("urls");
    List<String> urls = new ArrayList<>();
    if (list == null || !list.isArray()) {
      throw new MalformedManifestException("manifest: " + where + ".urls must be a list");
    }
    for (JsonNode url : list) {
      if (!url.isString()) {
        throw new MalformedManifestException("manifest: " + where + ".urls must hold strings");
      }
      urls.add(url.stringValue());
    }
    return urls;
  }

  private static Map<String, String> strings(ObjectNode object, String field, String where)
      throws MalformedManifestException {
    if (!present(object, field)) {
      return Map.of();
    }
    if (!(object.get(field) instanceof ObjectNode map)) {
      throw new MalformedManifestException(
          "manifest: " + where + "." + field + " must be an object");
    }
    Map<String, String> strings = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      JsonNode value = entry.getValue();
      if (!value.isString() && !value.isNull()) {
        throw new MalformedManifestException(
            "manifest: "
                + where
                + "."
                + field
                + "."
                + Excerpt.of(entry.getKey())
                + " must be a string");
      }
      strings.put(entry.getKey(), value.isNull() ? "" : value.stringValue());
    }
    return strings;
  }

  private static @Nullable String text(ObjectNode object, String field, String where)
      throws MalformedManifestException {
    JsonNode node = object.get(field);
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isString()) {
      throw new MalformedManifestException(
          "manifest: " + where + "." + field + " must be a string, found " + shown(node));
    }
    return node.stringValue();
  }

  private static boolean present(ObjectNode object, String field) {
    JsonNode node = object.get(field);
    return node != null && !node.isNull();
  }

  private static String shown(@Nullable JsonNode node) {
    return node == null
        ? "nothing"
        : node.isContainer() ? "a container" : Excerpt.of(node.toString());
  }
}
