package dev.longshore.swarm.source;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceDeniedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;

/** A manifest at its registry, by digest: to the swarm a blob like any other. */
public final class RegistryManifest implements BlobAtSource {
  private final RegistryClient client;
  private final SourceRef source;
  private final Descriptor manifest;

  /**
   * A manifest.
   *
   * @param client of the registry, with the credentials to use
   * @param manifest as the registry describes it
   */
  public RegistryManifest(RegistryClient client, SourceRef source, Descriptor manifest) {
    this.client = client;
    this.source = source;
    this.manifest = manifest;
  }

  @Override
  public Digest digest() {
    return manifest.digest();
  }

  @Override
  public long size() {
    return manifest.size();
  }

  @Override
  public SourceRef source() {
    return source;
  }

  @Override
  public Optional<SignedPieceMap> pieces() {
    return Optional.empty();
  }

  /** Registries give manifests whole only; what is not asked for is dropped. */
  @Override
  public InputStream read(long offset, long length) throws IOException {
    byte[] bytes;
    try {
      bytes = client.fetchManifest(new RepositoryName(source.repository()), digest()).bytes();
    } catch (RegistryException e) {
      if (e.isDenied() || e.isNotFound()) {
        throw new SourceDeniedException(String.valueOf(e.getMessage()), e);
      }
      throw e;
    }
    if (bytes.length != size()) {
      throw new IOException(
          "manifest "
              + digest()
              + " of "
              + source
              + " has "
              + bytes.length
              + " bytes, expected "
              + size());
    }
    Objects.checkFromIndexSize(offset, length, bytes.length);
    return new ByteArrayInputStream(bytes, Math.toIntExact(offset), Math.toIntExact(length));
  }
}
