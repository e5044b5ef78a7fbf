package dev.longshore.layer.imports;

import dev.longshore.layer.span.Compression;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;

/**
 * What a table of contents says of a layer.
 *
 * <p>Offsets of segments and spans are in a <em>stream</em>. A ztoc knows the tar stream and that
 * is it. A TOC of eStargz or zstd:chunked does not: it says where in the blob a gzip member or zstd
 * frame begins and where in its output a file's bytes lie, but not how much output follows, which
 * is padding and headers. So the stream is then one of our own: of each member, in the order of the
 * blob, its output up to the last byte of a file, laid end to end.
 *
 * @param compression of the layer
 * @param entries in the order of the tar stream, as far as the table keeps it
 * @param spans by ascending offset, without overlap in the stream
 * @param digests what the table promises of the layer's bytes, by ascending offset
 */
public record ImportedIndex(
    Compression compression,
    List<TarEntry> entries,
    List<ImportedSpan> spans,
    List<RangeDigest> digests) {

  public ImportedIndex {
    entries = List.copyOf(entries);
    spans = List.copyOf(spans);
    digests = List.copyOf(digests);
  }
}
