package dev.longshore.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An image (or artifact) manifest: one config and its layers, OCI or Docker schema 2. */
public final class ImageManifest extends Manifest {
  private final Descriptor config;
  private final List<Descriptor> layers;

  ImageManifest(VerbatimDocument document, Descriptor config, List<Descriptor> layers) {
    super(document);
    this.config = config;
    this.layers = List.copyOf(layers);
  }

  /** Writes a new OCI image manifest. */
  public static ImageManifest of(
      Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
    return of(config, layers, annotations, null, null);
  }

  /** Writes a new OCI image manifest with a subject, an artifact type, or both. */
  public static ImageManifest of(
      Descriptor config,
      List<Descriptor> layers,
      Map<String, String> annotations,
      @Nullable String artifactType,
      @Nullable Descriptor subject) {
    byte[] bytes = ManifestWriter.image(config, layers, annotations, artifactType, subject);
    return new ImageManifest(
        new VerbatimDocument(MediaTypes.OCI_MANIFEST, bytes, subject, artifactType, annotations),
        config,
        layers);
  }

  public Descriptor config() {
    return config;
  }

  /** The layers, lowest first. */
  public List<Descriptor> layers() {
    return layers;
  }

  @Override
  public List<Descriptor> children() {
    List<Descriptor> all = new ArrayList<>(layers.size() + 1);
    all.add(config);
    all.addAll(layers);
    return List.copyOf(all);
  }
}
