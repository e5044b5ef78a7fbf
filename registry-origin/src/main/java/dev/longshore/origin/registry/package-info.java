/**
 * What a registry does, without HTTP: uploads, blobs, manifests, tags, referrers and piece maps
 * over the store and the metadata, with caches in front. May touch {@code store} and {@code
 * metadata}, never a socket.
 */
@NullMarked
package dev.longshore.origin.registry;

import org.jspecify.annotations.NullMarked;
