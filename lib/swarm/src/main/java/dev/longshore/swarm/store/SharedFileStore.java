package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files and the index of another process's store. */
final class SharedFileStore implements SharedStore {
  private static final Logger log = LoggerFactory.getLogger(SharedFileStore.class);
  private static final int TRIES = 5;

  private final BlobDirectory directory;
  private final SharedIndex index;
  private final BlobPins pins;
  private final Set<SharedBlob> open = ConcurrentHashMap.newKeySet();

  private SharedFileStore(BlobDirectory directory, SharedIndex index, BlobPins pins) {
    this.directory = directory;
    this.index = index;
    this.pins = pins;
  }

  static SharedFileStore open(Path root) throws IOException {
    try {
      SharedIndex index = new SharedIndex(root);
      return new SharedFileStore(new BlobDirectory(root), index, BlobPins.share(root));
    } catch (NoSuchFileException e) {
      throw new IOException(
          "cannot read the piece store "
              + root
              + ": there is none, or none of this version; start its owner first",
          e);
    }
  }

  @Override
  public Optional<ReadableBlob> find(Digest digest) throws IOException {
    pins.pin(digest);
    SharedBlob blob = null;
    try {
      blob = open(digest);
      return Optional.ofNullable(blob);
    } finally {
      if (blob == null) {
        pins.unpin(digest);
      }
    }
  }

  /**
   * The map comes last when a blob is created, and goes first when it is deleted, so a file that
   * was opened between two looks at the same map belongs to it.
   */
  private @Nullable SharedBlob open(Digest digest) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      ReopeningChannel channel = null;
      try {
        MapFile.Stored stored = MapFile.readStored(directory.mapFile(digest), digest);
        channel = new ReopeningChannel(directory.file(digest), StandardOpenOption.READ);
        var _ = channel.get();
        Optional<MapFile.Header> again = MapFile.readHeader(directory.mapFile(digest));
        if (again.isPresent() && again.get().incarnation() == stored.incarnation()) {
          SharedBlob blob = new SharedBlob(this, index, stored, channel);
          open.add(blob);
          noteUse(digest);
          channel = null; // the blob's now
          return blob;
        }
      } catch (NoSuchFileException e) {
        log.debug("The store does not have {}, or not any more", digest, e);
        return null;
      } finally {
        if (channel != null) {
          channel.close();
        }
      }
    }
    throw new IOException("cannot open blob " + digest + ": its map changes all the time");
  }

  private void noteUse(Digest digest) {
    try {
      directory.noteUse(digest, System.currentTimeMillis());
    } catch (IOException e) {
      log.debug("Cannot tell the owner that {} is used", digest, e);
    }
  }

  /** A blob was closed. */
  void closed(SharedBlob blob) {
    open.remove(blob);
    Digest digest = blob.map().digest();
    noteUse(digest);
    try {
      pins.unpin(digest);
    } catch (IOException e) {
      log.warn("Blob {} may stay pinned until this process ends", digest, e);
    }
  }

  @Override
  public void close() throws IOException {
    open.forEach(SharedBlob::close);
    pins.close();
  }
}
