package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A manifest to store, with what its content says about itself.
 *
 * @param references everything its content points at, in order, without the subject
 * @param subject what it refers to, which need not exist
 * @param artifactType as the referrers list shows it
 * @param annotations as the referrers list shows them
 * @param lazyLayers those of the references that are to have a layer index
 */
public record NewManifest(
    ManifestRow row,
    List<Reference> references,
    @Nullable Digest subject,
    @Nullable String artifactType,
    Map<String, String> annotations,
    List<Digest> lazyLayers) {

  /** What a reference points at; the codes are stored and never change. */
  public enum Kind {
    /** A config or a layer. */
    BLOB(1),
    /** A child of an index. */
    MANIFEST(2);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /**
   * One thing a manifest points at.
   *
   * @param required whether the manifest is refused when the thing is not in the repository
   */
  public record Reference(Kind kind, Digest digest, boolean required) {}
}
