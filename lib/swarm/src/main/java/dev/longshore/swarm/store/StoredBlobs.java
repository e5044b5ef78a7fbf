package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.store.PieceIndex.BlobNote;
import dev.longshore.swarm.store.PieceIndex.GroupNote;
import dev.longshore.swarm.store.PieceIndex.IndexFullException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts together, at start, what the folder and the index say about the blobs of earlier runs. */
final class StoredBlobs {
  private static final Logger log = LoggerFactory.getLogger(StoredBlobs.class);

  private StoredBlobs() {}

  /** The blobs on disk, with their durable pieces held and every other noted piece a suspect. */
  static Map<Digest, KnownBlob> load(BlobDirectory directory, PieceIndex index, StoreTally tally)
      throws IOException {
    Map<Digest, KnownBlob> blobs = new ConcurrentHashMap<>();
    for (BlobDirectory.Found found : directory.scan()) {
      try {
        blobs.put(found.digest(), load(found, index, tally));
      } catch (IndexFullException e) {
        log.warn("Deleting blob {}: {}", found.digest(), e.getMessage());
        directory.delete(found.digest());
      }
    }
    index.retain(blobs::containsKey);
    return blobs;
  }

  private static KnownBlob load(BlobDirectory.Found found, PieceIndex index, StoreTally tally)
      throws IndexFullException {
    Digest digest = found.digest();
    long incarnation = found.header().incarnation();
    Optional<BlobNote> note =
        index.blob(digest).filter(known -> known.incarnation() == incarnation);
    KnownBlob blob =
        new KnownBlob(
            digest,
            found.header().layout(),
            incarnation,
            note.map(BlobNote::lastUse).orElse(0L),
            index,
            tally);
    if (note.isEmpty()) {
      log.info("The index does not know blob {}: proving all of it", digest);
      blob.noteUse();
    }
    for (int group = 0; group < blob.groups(); group++) {
      Optional<GroupNote> pieces =
          index.group(digest, group).filter(known -> known.incarnation() == incarnation);
      if (pieces.isPresent()) {
        blob.restore(group, pieces.get());
      } else {
        blob.suspectAll(group);
      }
    }
    return blob;
  }
}
