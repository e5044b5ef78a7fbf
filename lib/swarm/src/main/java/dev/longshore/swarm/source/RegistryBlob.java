package dev.longshore.swarm.source;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.piece.UntrustedPieceMapException;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceDeniedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A blob at its registry, read with the credentials of one client. */
public final class RegistryBlob implements BlobAtSource {

  /** Largest signed map there can be: 32 MiB of hashes and its header. */
  private static final int LONGEST_MAP = (32 << 20) + 1024;

  private final RegistryClient client;
  private final SourceRef source;
  private final RepositoryName repository;
  private final Digest digest;
  private final long size;
  private final TrustedKeys keys;

  /**
   * A blob.
   *
   * @param client of the registry, with the credentials to use
   * @param size bytes, as the registry or a manifest says
   * @param keys whose signatures on maps are believed
   */
  public RegistryBlob(
      RegistryClient client, SourceRef source, Digest digest, long size, TrustedKeys keys) {
    this.client = client;
    this.source = source;
    this.repository = new RepositoryName(source.repository());
    this.digest = digest;
    this.size = size;
    this.keys = keys;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public SourceRef source() {
    return source;
  }

  @Override
  public InputStream read(long offset, long length) throws IOException {
    try {
      return offset == 0 && length == size
          ? client.openBlob(repository, digest, size)
          : client.openBlobRange(repository, digest, offset, length);
    } catch (RegistryException e) {
      if (e.isDenied() || e.isNotFound()) {
        throw new SourceDeniedException(String.valueOf(e.getMessage()), e);
      }
      throw e;
    }
  }

  @Override
  public Optional<SignedPieceMap> pieces() throws IOException {
    Optional<byte[]> encoded =
        client.fetchExtension(repository, "_longshore/pieces/" + digest, LONGEST_MAP);
    if (encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      SignedPieceMap map = keys.open(encoded.get());
      if (!map.map().digest().equals(digest) || map.map().layout().size() != size) {
        throw new RefusedPieceMapException(
            "the piece map at "
                + source
                + " is of another blob: expected "
                + digest
                + ", "
                + size
                + " bytes, found "
                + map,
            null);
      }
      return Optional.of(map);
    } catch (MalformedPieceMapException | UntrustedPieceMapException e) {
      throw new RefusedPieceMapException(
          "the piece map of "
              + digest
              + " at "
              + source
              + " cannot be used: "
              + e.getMessage()
              + "; is --cluster-key that origin's?",
          e);
    }
  }
}
