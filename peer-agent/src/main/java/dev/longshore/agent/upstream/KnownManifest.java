package dev.longshore.agent.upstream;

import dev.longshore.oci.Digest;

/**
 * A manifest as a registry sent it, checked against its digest.
 *
 * @param bytes verbatim; not to be changed
 */
public record KnownManifest(Digest digest, String mediaType, byte[] bytes) {}
