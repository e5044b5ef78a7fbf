package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import dev.longshore.origin.store.StorageKey;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The registry's rows. Each method is one transaction. One that changes something returns when the
 * change outlives a crash of the process, and, where a client will be told that it is done, a loss
 * of power. All may block, so they are for virtual threads.
 *
 * <p>Objects whose row is gone are <em>doomed</em>: their keys are remembered in the same
 * transaction until {@link #forgetDoomed}, so that a crash between the transaction and the deletion
 * leaves no garbage.
 *
 * <p>Every method throws {@link dev.longshore.origin.store.StoreFullException} when the disk is
 * full and another {@link IOException} when the database fails.
 */
public interface Metadata extends AutoCloseable {

  // Repositories

  /** Whether something was ever stored under this name. */
  boolean repositoryExists(String repository) throws IOException, InterruptedException;

  /**
   * Names in ASCII order.
   *
   * @param after only names beyond this one
   * @param limit at most so many
   */
  List<String> repositories(@Nullable String after, int limit)
      throws IOException, InterruptedException;

  // Uploads

  void startUpload(UploadRow upload) throws IOException, InterruptedException;

  Optional<UploadRow> upload(String repository, String id) throws IOException, InterruptedException;

  /** Ends an upload without a blob and dooms its object. False when there is none. */
  boolean cancelUpload(String repository, String id) throws IOException, InterruptedException;

  /** Uploads started before this time. */
  List<UploadRow> uploadsStartedBefore(Instant time) throws IOException, InterruptedException;

  /** Number of unfinished uploads. */
  long uploadCount() throws IOException, InterruptedException;

  // Blobs

  /** A blob, if the repository has it, or has a layer whose index it is. */
  Optional<BlobRow> blob(String repository, Digest digest) throws IOException, InterruptedException;

  /**
   * Ends an upload: the repository gets the blob. When the digest is stored already, under another
   * key, that row stays and this upload's object is doomed.
   *
   * @return the row that now holds the digest
   */
  BlobRow commitUpload(UploadRow upload, Digest digest, long size)
      throws IOException, InterruptedException;

  /** Gives a repository a blob that another one has. False when that one has it not. */
  boolean mountBlob(String fromRepository, String toRepository, Digest digest)
      throws IOException, InterruptedException;

  /**
   * Takes a blob out of a repository; the last one dooms its object, and that of its index unless
   * somebody pushed the same.
   *
   * @return what the repository may no longer have: the blob and its index, if it has one; empty
   *     when the blob is not there, or only as the index of a layer
   */
  Set<Digest> deleteBlob(String repository, Digest digest) throws IOException, InterruptedException;

  // Doomed objects

  /** Keys whose objects are to be deleted. */
  List<StorageKey> doomed(int limit) throws IOException, InterruptedException;

  /** These objects are gone. */
  void forgetDoomed(List<StorageKey> keys) throws IOException, InterruptedException;

  // Manifests and tags

  /**
   * Stores a manifest, or replaces its media type, and points the tags at it.
   *
   * @return those of its layers that are to have an index and of which that was not known
   * @throws MissingReferencesException if a required reference is not in the repository; nothing
   *     was stored
   */
  List<BlobRow> putManifest(String repository, NewManifest manifest, List<String> tags)
      throws IOException, InterruptedException, MissingReferencesException;

  Optional<ManifestRow> manifest(String repository, Digest digest)
      throws IOException, InterruptedException;

  /** Deletes a manifest and its tags, which are returned; empty when it is not there. */
  Optional<List<String>> deleteManifest(String repository, Digest digest)
      throws IOException, InterruptedException;

  /** What a tag points at. */
  Optional<Digest> tag(String repository, String tag) throws IOException, InterruptedException;

  /** Deletes a tag and leaves its manifest. False when it is not there. */
  boolean deleteTag(String repository, String tag) throws IOException, InterruptedException;

  /** Tags in ASCII order, with the meaning of {@link #repositories}. */
  List<String> tags(String repository, @Nullable String after, int limit)
      throws IOException, InterruptedException;

  /**
   * Manifests whose subject is this digest, in the order of their digests.
   *
   * @param artifactType only those of this type
   * @param after only digests beyond this one
   */
  List<ReferrerRow> referrers(
      String repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable Digest after,
      int limit)
      throws IOException, InterruptedException;

  // Piece maps

  /** The unsigned piece map of a blob in its binary form, if it was computed. */
  Optional<byte[]> pieceMap(Digest digest) throws IOException, InterruptedException;

  /** Keeps a piece map as long as its blob. False when the blob is gone. */
  boolean putPieceMap(Digest digest, byte[] encoded) throws IOException, InterruptedException;

  /** Blobs whose piece map was not computed yet. */
  List<BlobRow> blobsWithoutPieceMap(int limit) throws IOException, InterruptedException;

  // Layer indexes

  /** The index of a layer, or why it can have none; empty while neither is known. */
  Optional<LayerIndexRow> layerIndex(Digest layer) throws IOException, InterruptedException;

  /** Layers that are to have an index. */
  List<BlobRow> layersWithoutIndex(int limit) throws IOException, InterruptedException;

  /**
   * Ends an upload, of whatever repository: its object becomes the index of a layer, and lives as
   * long as the layer or whoever else wants it. When the digest is stored already that row stays
   * and this upload's object is doomed.
   *
   * @return the row of the index; empty when the layer is gone
   */
  Optional<BlobRow> commitLayerIndex(Digest layer, UploadRow upload, Digest index, long size)
      throws IOException, InterruptedException;

  /** A layer can have no index. False when it is gone, or has one. */
  boolean putImpossibleIndex(Digest layer, String reason) throws IOException, InterruptedException;

  // Users

  /** The stored password of a user, in the form that {@code auth} gave. */
  Optional<String> password(String user) throws IOException, InterruptedException;

  /** Adds a user. False when there is one of this name, who is left alone. */
  boolean addUser(String user, String password) throws IOException, InterruptedException;

  /** Waits for what is under way and closes the database. */
  @Override
  void close();
}
