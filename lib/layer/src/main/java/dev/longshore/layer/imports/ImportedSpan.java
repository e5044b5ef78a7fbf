package dev.longshore.layer.imports;

import dev.longshore.layer.span.Restart;

/**
 * A range of a layer that can be inflated on its own, of whose output no digest need be known.
 *
 * @param blobOffset of its first whole byte in the layer's blob
 * @param blobLength most bytes that its output needs, at least 1
 * @param streamOffset of its output in the stream of the index
 * @param streamLength bytes of output to take, at least 1; more may follow that are not wanted
 * @param restart what to know before it is inflated
 */
public record ImportedSpan(
    long blobOffset, long blobLength, long streamOffset, long streamLength, Restart restart) {}
