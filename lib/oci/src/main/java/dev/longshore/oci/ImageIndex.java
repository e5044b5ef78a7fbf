package dev.longshore.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A list of manifests, one a platform as a rule: an OCI index or a Docker manifest list. */
public final class ImageIndex extends Manifest {
  private final List<Descriptor> manifests;

  ImageIndex(VerbatimDocument document, List<Descriptor> manifests) {
    super(document);
    this.manifests = List.copyOf(manifests);
  }

  /** Writes a new OCI index; also the answer of the referrers API. */
  public static ImageIndex of(List<Descriptor> manifests, Map<String, String> annotations) {
    return of(manifests, annotations, null, null);
  }

  /** Writes a new OCI index with a subject, an artifact type, or both. */
  public static ImageIndex of(
      List<Descriptor> manifests,
      Map<String, String> annotations,
      @Nullable String artifactType,
      @Nullable Descriptor subject) {
    byte[] bytes = ManifestWriter.index(manifests, annotations, artifactType, subject);
    return new ImageIndex(
        new VerbatimDocument(MediaTypes.OCI_INDEX, bytes, subject, artifactType, annotations),
        manifests);
  }

  public List<Descriptor> manifests() {
    return manifests;
  }

  /** The first manifest for this platform. */
  public Optional<Descriptor> manifestFor(Platform wanted) {
    for (Descriptor manifest : manifests) {
      Platform offered = manifest.platform();
      if (offered != null && wanted.accepts(offered)) {
        return Optional.of(manifest);
      }
    }
    return Optional.empty();
  }

  @Override
  public List<Descriptor> children() {
    return manifests;
  }
}
