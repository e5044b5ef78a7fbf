package dev.longshore.origin.registry;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.MalformedManifestException;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.OciError;
import dev.longshore.oci.Tag;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.ManifestRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.MissingReferencesException;
import dev.longshore.origin.metadata.NewManifest;
import dev.longshore.origin.metadata.NewManifest.Kind;
import dev.longshore.origin.metadata.NewManifest.Reference;
import dev.longshore.origin.metadata.ReferrerRow;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Manifests and tags as repositories have them. The caches may be asked on an event loop. */
public final class Manifests {
  private static final long CACHED_TAGS = 200_000;

  /** Below it a layer is here before anybody could have read a part of it. */
  private static final long SMALLEST_LAZY_LAYER = 1 << 20;

  private final Metadata metadata;
  private final LayerIndexes layerIndexes;
  private final ReadThrough<InRepository<Tag>, Digest> tags;
  private final ReadThrough<InRepository<Digest>, ManifestRow> manifests;

  Manifests(Metadata metadata, LayerIndexes layerIndexes, long cachedBytes) {
    this.metadata = metadata;
    this.layerIndexes = layerIndexes;
    this.tags =
        new ReadThrough<>(
            CACHED_TAGS,
            (key, digest) -> 1,
            key -> metadata.tag(key.repository(), key.name().value()));
    this.manifests =
        new ReadThrough<>(
            cachedBytes,
            (key, row) -> row.content().length + 512,
            key -> metadata.manifest(key.repository(), key.name()));
  }

  /** The manifest, if it is in memory. Never blocks. */
  public @Nullable ManifestRow cached(String repository, TagOrDigest reference) {
    Digest digest =
        switch (reference) {
          case Digest given -> given;
          case Tag tag -> tags.ifPresent(new InRepository<>(repository, tag));
        };
    return digest == null ? null : manifests.ifPresent(new InRepository<>(repository, digest));
  }

  /** The manifest, if the repository has it. */
  public Optional<ManifestRow> find(String repository, TagOrDigest reference)
      throws IOException, InterruptedException {
    return switch (reference) {
      case Digest digest -> manifests.get(new InRepository<>(repository, digest));
      case Tag tag -> {
        Optional<Digest> digest = tags.get(new InRepository<>(repository, tag));
        yield digest.isEmpty()
            ? Optional.empty()
            : manifests.get(new InRepository<>(repository, digest.get()));
      }
    };
  }

  /**
   * Stores a manifest.
   *
   * @param digest its name, which must fit the bytes
   * @param moved the tags to point at it
   * @param bytes kept as they are
   * @param contentType as the client sent it
   * @return what its {@code subject} is, when it has one
   */
  public Optional<Digest> put(
      String repository, Digest digest, List<Tag> moved, byte[] bytes, @Nullable String contentType)
      throws IOException, InterruptedException, RegistryException {
    Manifest manifest = parse(bytes, contentType);
    Descriptor subject = manifest.subject();
    NewManifest row =
        new NewManifest(
            new ManifestRow(digest, manifest.mediaType(), bytes),
            references(manifest),
            subject == null ? null : subject.digest(),
            manifest.referrerDescriptor().artifactType(),
            manifest.annotations(),
            lazyLayers(manifest));
    List<BlobRow> toIndex;
    try {
      toIndex = metadata.putManifest(repository, row, moved.stream().map(Tag::value).toList());
    } catch (MissingReferencesException e) {
      throw new RegistryException(
          OciError.MANIFEST_BLOB_UNKNOWN,
          e.getMessage() + ", to which the manifest refers; push that first");
    }
    manifests.invalidate(new InRepository<>(repository, digest));
    moved.forEach(tag -> tags.invalidate(new InRepository<>(repository, tag)));
    layerIndexes.prepare(toIndex);
    return Optional.ofNullable(row.subject());
  }

  private static List<Digest> lazyLayers(Manifest manifest) {
    return manifest.children().stream()
        .filter(
            child -> MediaTypes.isLayer(child.mediaType()) && child.size() >= SMALLEST_LAZY_LAYER)
        .map(Descriptor::digest)
        .distinct()
        .toList();
  }

  private static Manifest parse(byte[] bytes, @Nullable String contentType)
      throws RegistryException {
    try {
      return Manifest.parse(bytes, contentType);
    } catch (MalformedManifestException e) {
      throw new RegistryException(OciError.MANIFEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static List<Reference> references(Manifest manifest) {
    Kind kind = manifest instanceof ImageIndex ? Kind.MANIFEST : Kind.BLOB;
    return manifest.children().stream()
        .map(child -> new Reference(kind, child.digest(), isRequired(kind, child)))
        .toList();
  }

  /** A layer that may not be distributed, or that says where else it is, is never pushed. */
  private static boolean isRequired(Kind kind, Descriptor child) {
    return kind == Kind.MANIFEST
        || (!MediaTypes.isForeignLayer(child.mediaType()) && child.urls().isEmpty());
  }

  /** Deletes a manifest with its tags, or a tag alone. False when it is not there. */
  public boolean delete(String repository, TagOrDigest reference)
      throws IOException, InterruptedException {
    return switch (reference) {
      case Tag tag -> {
        boolean deleted = metadata.deleteTag(repository, tag.value());
        tags.invalidate(new InRepository<>(repository, tag));
        yield deleted;
      }
      case Digest digest -> {
        Optional<List<String>> untagged = metadata.deleteManifest(repository, digest);
        untagged
            .orElse(List.of())
            .forEach(tag -> tags.invalidate(new InRepository<>(repository, new Tag(tag))));
        manifests.invalidate(new InRepository<>(repository, digest));
        yield untagged.isPresent();
      }
    };
  }

  /** Tags in ASCII order. See {@link Metadata#tags}; empty when the repository is unknown. */
  public Optional<List<String>> tags(String repository, @Nullable String after, int limit)
      throws IOException, InterruptedException {
    return metadata.repositoryExists(repository)
        ? Optional.of(metadata.tags(repository, after, limit))
        : Optional.empty();
  }

  /** Names of repositories. See {@link Metadata#repositories}. */
  public List<String> repositories(@Nullable String after, int limit)
      throws IOException, InterruptedException {
    return metadata.repositories(after, limit);
  }

  /** What refers to a digest, as descriptors. See {@link Metadata#referrers}. */
  public List<Descriptor> referrers(
      String repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable Digest after,
      int limit)
      throws IOException, InterruptedException {
    return metadata.referrers(repository, subject, artifactType, after, limit).stream()
        .map(Manifests::descriptor)
        .toList();
  }

  private static Descriptor descriptor(ReferrerRow row) {
    return new Descriptor(
        row.mediaType(),
        row.digest(),
        row.size(),
        row.annotations(),
        List.of(),
        row.artifactType(),
        null);
  }

  double hitRatio() {
    return manifests.stats().hitRate();
  }
}
