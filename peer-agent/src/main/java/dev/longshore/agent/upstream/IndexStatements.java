package dev.longshore.agent.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.piece.IndexStatement;
import dev.longshore.piece.MalformedStatementException;
import dev.longshore.piece.SignedIndexStatement;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.piece.UntrustedStatementException;
import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which blob is the index of a layer, as an origin of the cluster said and signed. Remembered on
 * disk, so that a layer that was lazy once is so again while its origin is away. Thread-safe.
 */
final class IndexStatements {
  private static final Logger log = LoggerFactory.getLogger(IndexStatements.class);
  private static final long MOST_IN_MEMORY = 10_000;

  private record Key(SourceRef source, Digest layer) {}

  private final TrustedKeys keys;
  private final ManifestFolder folder;
  private final Cache<Key, IndexStatement> inMemory =
      Caffeine.newBuilder().maximumSize(MOST_IN_MEMORY).build();

  IndexStatements(TrustedKeys keys, ManifestFolder folder) {
    this.keys = keys;
    this.folder = folder;
  }

  /** What is known here of a layer of a repository. */
  Optional<IndexStatement> known(SourceRef source, Digest layer) throws IOException {
    Key key = new Key(source, layer);
    IndexStatement cached = inMemory.getIfPresent(key);
    if (cached != null) {
      return Optional.of(cached);
    }
    Optional<byte[]> kept = folder.statement(source, layer);
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    try {
      IndexStatement statement = open(kept.get(), source, layer);
      inMemory.put(key, statement);
      return Optional.of(statement);
    } catch (IOException e) {
      log.warn("{}; it is deleted and asked for again", e.getMessage());
      folder.forgetStatement(source, layer);
      return Optional.empty();
    }
  }

  /**
   * Asks a registry, and remembers the answer.
   *
   * @throws NotFoundException if the layer has no index there, or the registry is none of ours
   */
  IndexStatement ask(RegistryClient client, SourceRef source, Digest layer) throws IOException {
    byte[] signed = fetch(client, source, layer).orElseThrow(() -> none(source, layer));
    IndexStatement statement = open(signed, source, layer);
    inMemory.put(new Key(source, layer), statement);
    try {
      folder.keepStatement(source, layer, signed);
    } catch (IOException e) {
      log.warn("cannot keep which index {} of {} has: {}", layer, source, e.getMessage());
    }
    return statement;
  }

  /** What was said no longer holds. */
  void forget(SourceRef source, Digest layer) {
    inMemory.invalidate(new Key(source, layer));
    try {
      folder.forgetStatement(source, layer);
    } catch (IOException e) {
      log.warn("cannot forget which index {} of {} has: {}", layer, source, e.getMessage());
    }
  }

  private static Optional<byte[]> fetch(RegistryClient client, SourceRef source, Digest layer)
      throws IOException {
    try {
      return client.fetchExtension(
          new RepositoryName(source.repository()),
          "_longshore/index/" + layer,
          SignedIndexStatement.MAX_BYTES);
    } catch (RegistryException e) {
      if (e.isDenied() || Failures.isUnreachable(e)) {
        throw e;
      }
      log.debug("{} knows no layer indexes: {}", source.registry(), e.getMessage());
      return Optional.empty();
    }
  }

  private IndexStatement open(byte[] signed, SourceRef source, Digest layer) throws IOException {
    try {
      IndexStatement statement = keys.openStatement(signed).statement();
      if (!statement.layer().equals(layer)) {
        throw new IOException(
            "what %s says of the index of %s is of another layer, %s"
                .formatted(source, layer, statement.layer()));
      }
      return statement;
    } catch (MalformedStatementException | UntrustedStatementException e) {
      throw new IOException(
          "what %s says of the index of %s cannot be used: %s; is --cluster-key that origin's?"
              .formatted(source, layer, e.getMessage()),
          e);
    }
  }

  private static NotFoundException none(SourceRef source, Digest layer) {
    return new NotFoundException(
        OciError.BLOB_UNKNOWN,
        source.registry() + " has no index of layer " + layer + " of " + source.repository());
  }
}
