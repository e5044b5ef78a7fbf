package dev.longshore.layer.span;

import dev.longshore.oci.Digest;

/**
 * A range of a compressed layer that can be inflated on its own.
 *
 * @param blobOffset of its first whole byte in the compressed layer
 * @param blobLength compressed bytes, up to and with the one where the next span begins midway
 * @param streamOffset of its output in the tar stream
 * @param streamLength bytes of output
 * @param restart what to know before it is inflated
 * @param digest SHA-256 of its output
 */
public record Span(
    long blobOffset,
    long blobLength,
    long streamOffset,
    long streamLength,
    Restart restart,
    Digest digest) {}
