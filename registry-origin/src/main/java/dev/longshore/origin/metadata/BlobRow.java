package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import dev.longshore.origin.store.StorageKey;

/**
 * A stored blob.
 *
 * @param size in bytes
 * @param key where its bytes lie; a blob that is deleted and pushed again has another one
 */
public record BlobRow(Digest digest, long size, StorageKey key) {}
