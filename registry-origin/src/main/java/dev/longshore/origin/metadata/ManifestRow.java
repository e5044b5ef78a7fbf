package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;

/**
 * A stored manifest, as its pusher sent it.
 *
 * @param mediaType the Content-Type it was pushed with, without parameters
 * @param content verbatim
 */
public record ManifestRow(Digest digest, String mediaType, byte[] content) {}
