package dev.longshore.agent.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.oci.client.FetchedManifest;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.piece.IndexStatement;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.source.BlobAtSource;
import dev.longshore.swarm.source.Registries;
import dev.longshore.swarm.source.RegistryBlob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registries as callers see them through this agent: manifests, tags, and blobs they may read.
 *
 * <p>Every answer was either given by the upstream to these credentials, or is one that the
 * upstream gave before, for a repository that these credentials were accepted for lately. All
 * methods block.
 */
public final class Upstream {
  private static final Logger log = LoggerFactory.getLogger(Upstream.class);
  private static final int MOST_MANIFESTS_ON_DISK = 10_000;
  private static final long MANIFEST_BYTES_IN_MEMORY = 16L << 20;

  /** Where members of the swarm get small blobs, and with them manifests. */
  @FunctionalInterface
  public interface Swarm {
    /** The bytes, checked; blocks until they are here. */
    byte[] read(BlobAtSource blob) throws IOException, InterruptedException;
  }

  private record Key(SourceRef source, String reference) {}

  private record Flight(SourceRef source, String reference, String credentials) {}

  private final Registries registries;
  private final TrustedKeys keys;
  private final boolean staleTags;
  private final ManifestFolder folder;
  private final Rights rights;
  private final SharedManifests shared;
  private final IndexStatements statements;
  private final RepositoryContents contents = new RepositoryContents();
  private final SingleFlight<Flight, KnownManifest> fetches = new SingleFlight<>();
  private final Cache<Key, KnownManifest> inMemory =
      Caffeine.newBuilder()
          .maximumWeight(MANIFEST_BYTES_IN_MEMORY)
          .weigher((Key key, KnownManifest manifest) -> manifest.bytes().length)
          .build();

  /**
   * The upstream side of an agent.
   *
   * @param swarm where manifests by digest are looked for
   * @param data a folder of its own, for manifests and tags
   * @param staleTags whether a tag may be answered from the last known value while its registry
   *     cannot be reached
   */
  public Upstream(
      Registries registries,
      TrustedKeys keys,
      Swarm swarm,
      Path data,
      boolean staleTags,
      LongSupplier clock)
      throws IOException {
    this.shared = new SharedManifests(swarm);
    this.registries = registries;
    this.keys = keys;
    this.staleTags = staleTags;
    this.folder = new ManifestFolder(data, MOST_MANIFESTS_ON_DISK);
    this.statements = new IndexStatements(keys, folder);
    this.rights = new Rights(folder, new PullGrants(clock));
  }

  /** Asks a registry's {@code /v2/}; a challenge comes back as an exception. */
  public void ping(Caller caller) throws IOException {
    client(caller).ping();
  }

  /** Type, digest and size of a manifest. */
  public Descriptor headManifest(Caller caller, TagOrDigest reference)
      throws IOException, InterruptedException {
    if (reference instanceof Digest digest) {
      Optional<KnownManifest> known = known(caller.source(), digest);
      if (known.isPresent() && rights.fresh(caller)) {
        return descriptor(known.get());
      }
    }
    try {
      Descriptor found =
          rights.ask(
              caller,
              () ->
                  client(caller)
                      .headManifest(repository(caller), reference)
                      .orElseThrow(() -> unknownManifest(caller, reference)));
      remember(caller.source(), reference, found.digest());
      shared.describe(caller.source(), found);
      return found;
    } catch (IOException e) {
      return descriptor(fallback(caller, reference, e));
    }
  }

  /** A manifest, its bytes verified. */
  public KnownManifest manifest(Caller caller, TagOrDigest reference)
      throws IOException, InterruptedException {
    if (reference instanceof Digest digest) {
      Optional<KnownManifest> known = known(caller.source(), digest);
      if (known.isPresent()) {
        if (!rights.fresh(caller)) {
          headManifest(caller, reference);
        }
        return known.get();
      }
    }
    Flight flight = new Flight(caller.source(), reference.toString(), caller.credentialsKey());
    try {
      return fetches.get(flight, () -> fetch(caller, reference));
    } catch (IOException e) {
      return fallback(caller, reference, e);
    }
  }

  /** A blob that this caller may read. */
  public BlobAtSource blob(Caller caller, Digest digest) throws IOException {
    SourceRef source = caller.source();
    RegistryClient client = client(caller);
    Optional<Long> known = contents.size(source, digest);
    if (known.isPresent() && rights.fresh(caller)) {
      return new RegistryBlob(client, source, digest, known.get(), keys);
    }
    try {
      // Only a blob that is there proves rights: some registries hide what is private behind a 404.
      long size =
          rights.ask(
              caller,
              () ->
                  client
                      .headBlob(repository(caller), digest)
                      .orElseThrow(() -> unknownBlob(caller, digest)));
      contents.add(source, digest, size);
      return new RegistryBlob(client, source, digest, size, keys);
    } catch (NotFoundException e) {
      contents.remove(source, digest);
      throw e;
    } catch (IOException e) {
      Optional<Long> remembered =
          rights.whileUnreachable(caller, e) ? sizeOnDisk(source, digest) : Optional.empty();
      if (remembered.isEmpty()) {
        throw e;
      }
      return new RegistryBlob(client, source, digest, remembered.get(), keys);
    }
  }

  /**
   * The index of a layer that this caller may read.
   *
   * @throws NotFoundException if the upstream has none
   */
  public BlobAtSource layerIndex(Caller caller, Digest layer) throws IOException {
    SourceRef source = caller.source();
    Optional<IndexStatement> known = statements.known(source, layer);
    if (known.isPresent() && !rights.fresh(caller)) {
      blob(caller, layer); // whoever may read the layer may read its index
    }
    IndexStatement statement =
        known.isPresent()
            ? known.get()
            : rights.ask(caller, () -> statements.ask(client(caller), source, layer));
    return new RegistryBlob(client(caller), source, statement.index(), statement.size(), keys);
  }

  /** The index of a layer cannot be had: the upstream is asked again which one it is. */
  public void forgetLayerIndex(Caller caller, Digest layer) {
    statements.forget(caller.source(), layer);
  }

  /** The blobs that a manifest, just given to this caller, is made of; none for an index. */
  public List<BlobAtSource> blobsOf(Caller caller, KnownManifest manifest) {
    RegistryClient client = client(caller);
    return RepositoryContents.blobsOf(manifest).stream()
        .<BlobAtSource>map(
            blob -> new RegistryBlob(client, caller.source(), blob.digest(), blob.size(), keys))
        .toList();
  }

  /** All tags of a repository, in the registry's order. */
  public List<String> tags(Caller caller) throws IOException {
    return client(caller).tags(repository(caller));
  }

  /** What refers to a manifest; only those of an artifact type unless it is null. */
  public List<Descriptor> referrers(Caller caller, Digest subject, @Nullable String artifactType)
      throws IOException {
    return client(caller).referrers(repository(caller), subject, artifactType);
  }

  private KnownManifest fetch(Caller caller, TagOrDigest reference)
      throws IOException, InterruptedException {
    // Only for a caller that the registry has just accepted: members ask each other for no rights.
    if (reference instanceof Digest digest && rights.fresh(caller)) {
      Optional<KnownManifest> found = shared.find(client(caller), caller.source(), digest);
      if (found.isPresent()) {
        keep(caller.source(), found.get());
        return found.get();
      }
    }
    FetchedManifest fetched =
        rights.ask(caller, () -> client(caller).fetchManifest(repository(caller), reference));
    KnownManifest manifest =
        new KnownManifest(fetched.digest(), fetched.mediaType(), fetched.bytes());
    keep(caller.source(), manifest);
    remember(caller.source(), reference, manifest.digest());
    return manifest;
  }

  private void keep(SourceRef source, KnownManifest manifest) {
    inMemory.put(new Key(source, manifest.digest().toString()), manifest);
    contents.add(source, manifest);
    try {
      folder.keep(source, manifest);
    } catch (IOException e) {
      log.warn("cannot keep {} of {}: {}", manifest.digest(), source, e.getMessage());
    }
  }

  /** What may be answered while the upstream cannot be asked, else the failure itself. */
  private KnownManifest fallback(Caller caller, TagOrDigest reference, IOException failure)
      throws IOException {
    if (!rights.whileUnreachable(caller, failure)) {
      throw failure;
    }
    Optional<Digest> digest =
        switch (reference) {
          case Digest asked -> Optional.of(asked);
          case Tag tag -> staleTags ? folder.tag(caller.source(), tag.value()) : Optional.empty();
        };
    Optional<KnownManifest> known =
        digest.isPresent() ? known(caller.source(), digest.get()) : Optional.empty();
    if (known.isEmpty()) {
      throw failure;
    }
    log.warn(
        "{} cannot be reached ({}); {} is answered from memory",
        caller.source().registry(),
        failure.getMessage(),
        caller.source() + ":" + reference);
    return known.get();
  }

  private Optional<KnownManifest> known(SourceRef source, Digest digest) throws IOException {
    Key key = new Key(source, digest.toString());
    KnownManifest cached = inMemory.getIfPresent(key);
    if (cached != null) {
      return Optional.of(cached);
    }
    Optional<KnownManifest> stored = folder.manifest(source, digest);
    stored.ifPresent(manifest -> {
      inMemory.put(key, manifest);
      contents.add(source, manifest);
    });
    return stored;
  }

  private Optional<Long> sizeOnDisk(SourceRef source, Digest digest) throws IOException {
    Optional<Long> known = contents.size(source, digest);
    if (known.isEmpty()) {
      for (KnownManifest manifest : folder.all(source)) {
        contents.add(source, manifest);
      }
    }
    return contents.size(source, digest);
  }

  private void remember(SourceRef source, TagOrDigest reference, Digest digest) {
    if (reference instanceof Tag tag) {
      try {
        folder.rememberTag(source, tag.value(), digest);
      } catch (IOException e) {
        log.warn("cannot remember {}:{}: {}", source, tag, e.getMessage());
      }
    }
  }

  /** The client that asks for a caller: with its credentials verbatim, or anonymously. */
  private RegistryClient client(Caller caller) {
    RegistryClient client = registries.client(caller.source().registry());
    String authorization = caller.authorization();
    return authorization == null ? client : client.withAuthorization(authorization);
  }

  private static RepositoryName repository(Caller caller) {
    return new RepositoryName(caller.source().repository());
  }

  private static Descriptor descriptor(KnownManifest manifest) {
    return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.bytes().length);
  }

  private static NotFoundException unknownBlob(Caller caller, Digest digest) {
    return new NotFoundException(
        OciError.BLOB_UNKNOWN, caller.source() + " has no blob " + digest + " at its registry");
  }

  private static NotFoundException unknownManifest(Caller caller, TagOrDigest reference) {
    return new NotFoundException(
        OciError.MANIFEST_UNKNOWN, caller.source() + " has no manifest " + reference);
  }
}
