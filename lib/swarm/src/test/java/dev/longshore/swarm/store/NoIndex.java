package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.util.Optional;
import java.util.function.Predicate;

/** An index that notes nothing, for blobs that are only thought of. */
final class NoIndex implements PieceIndex {
  @Override
  public Optional<BlobNote> blob(Digest digest) {
    return Optional.empty();
  }

  @Override
  public Optional<GroupNote> group(Digest digest, int group) {
    return Optional.empty();
  }

  @Override
  public void put(Digest digest, BlobNote note) {}

  @Override
  public void put(Digest digest, int group, GroupNote note) {}

  @Override
  public void remove(Digest digest, int groups) {}

  @Override
  public void retain(Predicate<Digest> keep) {}

  @Override
  public void force() {}

  @Override
  public void close() {}
}
