package dev.longshore.layer.imports;

import dev.longshore.oci.Digest;

/** Makes an index of a table of contents that came with an image, if it is the one promised. */
public final class IndexImporter {
  private IndexImporter() {}

  /**
   * Imports the TOC of an eStargz layer, or of a zstd:chunked one by stargz-snapshotter.
   *
   * @param bytes of the blob at the location
   * @param expected what the JSON must hash to: the layer's annotation {@code
   *     containerd.io/snapshot/stargz/toc.digest}
   */
  public static ImportedIndex tocByJsonDigest(TocLocation location, byte[] bytes, Digest expected)
      throws MalformedImportException {
    checkLength(location, bytes);
    byte[] json = TocWrapping.unwrap(location.wrapping(), bytes);
    check(json, expected, "the JSON of a TOC");
    return index(location, json);
  }

  /**
   * Imports the TOC of a zstd:chunked layer.
   *
   * @param bytes of the blob at the location
   * @param expected what these bytes must hash to: the layer's annotation {@code
   *     io.github.containers.zstd-chunked.manifest-checksum}
   */
  public static ImportedIndex tocByChecksum(TocLocation location, byte[] bytes, Digest expected)
      throws MalformedImportException {
    checkLength(location, bytes);
    check(bytes, expected, "a compressed TOC");
    return index(location, TocWrapping.unwrap(location.wrapping(), bytes));
  }

  /**
   * Imports a ztoc of SOCI.
   *
   * @param bytes of the whole ztoc
   * @param expected what they must hash to: the digest of its descriptor in the SOCI index
   */
  public static ImportedIndex ztoc(byte[] bytes, Digest expected) throws MalformedImportException {
    check(bytes, expected, Ztoc.WHAT);
    return Ztoc.read(bytes);
  }

  private static ImportedIndex index(TocLocation location, byte[] json)
      throws MalformedImportException {
    TocEntries entries = new TocEntries(location.dataEnd());
    TocJson.read(json, entries::add);
    return entries.index(location.wrapping().compression());
  }

  private static void checkLength(TocLocation location, byte[] bytes)
      throws MalformedImportException {
    if (bytes.length != location.length()) {
      throw new MalformedImportException(
          TocJson.WHAT, location.length() + " bytes", bytes.length + " bytes");
    }
  }

  private static void check(byte[] bytes, Digest expected, String what)
      throws MalformedImportException {
    Digest found = Digest.of(expected.algorithm(), expected.algorithm().newHasher().digest(bytes));
    if (!found.equals(expected)) {
      throw new MalformedImportException(what, expected.toString(), found.toString());
    }
  }
}
