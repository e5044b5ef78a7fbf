package dev.longshore.oci;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The media types of OCI image-spec 1.1 and of Docker's image manifest version 2, schema 2. */
public final class MediaTypes {
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String OCI_EMPTY = "application/vnd.oci.empty.v1+json";
  public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
  public static final String OCI_LAYER_GZIP = OCI_LAYER + "+gzip";
  public static final String OCI_LAYER_ZSTD = OCI_LAYER + "+zstd";
  private static final String OCI_FOREIGN_LAYER =
      "application/vnd.oci.image.layer.nondistributable.v1.tar";

  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar";
  public static final String DOCKER_LAYER_GZIP = DOCKER_LAYER + ".gzip";

  /** Docker specified no type for zstd; buildkit and containerd write and read this one. */
  private static final String DOCKER_LAYER_ZSTD = DOCKER_LAYER + ".zstd";

  private static final String DOCKER_FOREIGN_LAYER =
      "application/vnd.docker.image.rootfs.foreign.diff.tar";

  /** Docker's first schema, which nothing here reads; named so that the refusal can say so. */
  static final String DOCKER_SCHEMA_1_PREFIX = "application/vnd.docker.distribution.manifest.v1+";

  public static final String OCTET_STREAM = "application/octet-stream";
  public static final String JSON = "application/json";

  /** Every manifest type understood, in the order of an {@code Accept} header. */
  public static final List<String> MANIFESTS =
      List.of(OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);

  private static final Set<String> LAYERS =
      Set.of(
          OCI_LAYER,
          OCI_LAYER_GZIP,
          OCI_LAYER_ZSTD,
          DOCKER_LAYER,
          DOCKER_LAYER_GZIP,
          DOCKER_LAYER_ZSTD);

  private MediaTypes() {}

  /** The type without its parameters, lower-case; empty when the header is absent. */
  public static String bare(@Nullable String contentType) {
    if (contentType == null) {
      return "";
    }
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    return type.strip().toLowerCase(Locale.ROOT);
  }

  /** True for an OCI index and a Docker manifest list. */
  public static boolean isIndex(String mediaType) {
    return mediaType.equals(OCI_INDEX) || mediaType.equals(DOCKER_LIST);
  }

  /** True for an image manifest, OCI or Docker. */
  public static boolean isImageManifest(String mediaType) {
    return mediaType.equals(OCI_MANIFEST) || mediaType.equals(DOCKER_MANIFEST);
  }

  /** True for anything served under {@code /manifests/}. */
  public static boolean isManifest(String mediaType) {
    return isIndex(mediaType) || isImageManifest(mediaType);
  }

  /** True for a layer that is a tar archive, compressed or not, and may be distributed. */
  public static boolean isLayer(String mediaType) {
    return LAYERS.contains(mediaType);
  }

  /** True for a layer that a registry need not hold: its descriptor lists where to get it. */
  public static boolean isForeignLayer(String mediaType) {
    return mediaType.startsWith(OCI_FOREIGN_LAYER) || mediaType.startsWith(DOCKER_FOREIGN_LAYER);
  }
}
