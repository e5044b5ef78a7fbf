package dev.longshore.oci;

import dev.longshore.oci.json.BoundedJson;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes OCI manifests and indexes with stable field order. */
final class ManifestWriter {
  private ManifestWriter() {}

  static byte[] image(
      Descriptor config,
      List<Descriptor> layers,
      Map<String, String> annotations,
      @Nullable String artifactType,
      @Nullable Descriptor subject) {
    ObjectNode root = header(MediaTypes.OCI_MANIFEST, artifactType);
    root.set("config", descriptor(config));
    addAll(root.putArray("layers"), layers);
    return finish(root, annotations, subject);
  }

  static byte[] index(
      List<Descriptor> manifests,
      Map<String, String> annotations,
      @Nullable String artifactType,
      @Nullable Descriptor subject) {
    ObjectNode root = header(MediaTypes.OCI_INDEX, artifactType);
    addAll(root.putArray("manifests"), manifests);
    return finish(root, annotations, subject);
  }

  private static ObjectNode header(String mediaType, @Nullable String artifactType) {
    ObjectNode root = BoundedJson.newObject();
    root.put("schemaVersion", 2);
    root.put("mediaType", mediaType);
    if (artifactType != null) {
      root.put("artifactType", artifactType);
    }
    return root;
  }

  private static byte[] finish(
      ObjectNode root, Map<String, String> annotations, @Nullable Descriptor subject) {
    if (subject != null) {
      root.set("subject", descriptor(subject));
    }
    putAnnotations(root, annotations);
    return BoundedJson.write(root);
  }

  private static void addAll(ArrayNode list, List<Descriptor> descriptors) {
    for (Descriptor descriptor : descriptors) {
      list.add(descriptor(descriptor));
    }
  }

  private static ObjectNode descriptor(Descriptor descriptor) {
    ObjectNode node = BoundedJson.newObject();
    node.put("mediaType", descriptor.mediaType());
    node.put("digest", descriptor.digest().toString());
    node.put("size", descriptor.size());
    if (!descriptor.urls().isEmpty()) {
      ArrayNode urls = node.putArray("urls");
      descriptor.urls().forEach(urls::add);
    }
    putAnnotations(node, descriptor.annotations());
    Platform platform = descriptor.platform();
    if (platform != null) {
      ObjectNode inner = node.putObject("platform");
      inner.put("architecture", platform.architecture());
      inner.put("os", platform.os());
      if (platform.osVersion() != null) {
        inner.put("os.version", platform.osVersion());
      }
      if (platform.variant() != null) {
        inner.put("variant", platform.variant());
      }
    }
    if (descriptor.artifactType() != null) {
      node.put("artifactType", descriptor.artifactType());
    }
    return node;
  }

  private static void putAnnotations(ObjectNode node, Map<String, String> annotations) {
    if (!annotations.isEmpty()) {
      ObjectNode inner = node.putObject("annotations");
      annotations.forEach(inner::put);
    }
  }
}
