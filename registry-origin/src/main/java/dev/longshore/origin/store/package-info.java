/**
 * Bytes of blobs, by storage key: neither digests nor repositories are known here. Other packages
 * see {@link dev.longshore.origin.store.BlobStore} and never a file's path.
 */
@NullMarked
package dev.longshore.origin.store;

import org.jspecify.annotations.NullMarked;
