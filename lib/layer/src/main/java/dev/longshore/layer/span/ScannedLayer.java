package dev.longshore.layer.span;

import dev.longshore.oci.Digest;

/**
 * What is known of a layer once all of it was scanned.
 *
 * @param compression of the blob
 * @param blobSize bytes of the blob
 * @param streamSize bytes of the uncompressed tar stream
 * @param diffId SHA-256 of the uncompressed tar stream (OCI image-spec, config.md)
 */
public record ScannedLayer(
    Compression compression, long blobSize, long streamSize, Digest diffId) {}
