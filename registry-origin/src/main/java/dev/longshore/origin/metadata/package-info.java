/**
 * What the registry knows about its bytes: repositories, blobs, manifests, tags, uploads and users,
 * behind {@link dev.longshore.origin.metadata.Metadata}. SQL and JDBI stay inside this package.
 */
@NullMarked
package dev.longshore.origin.metadata;

import org.jspecify.annotations.NullMarked;
