package dev.longshore.layer.imports;

import dev.longshore.layer.span.Compression;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Where in a layer the TOC of eStargz or zstd:chunked lies, and how it is wrapped.
 *
 * @param wrapping how to get from these bytes to the JSON
 * @param offset in the blob, bytes
 * @param length bytes as they are in the blob
 * @param dataEnd where in the blob the last byte of a file can be, exclusive
 */
public record TocLocation(Wrapping wrapping, long offset, long length, long dataEnd) {

  /** How a TOC is wrapped. */
  public enum Wrapping {
    /** A gzip member with a tar archive with the JSON in it. */
    GZIP_TAR(Compression.GZIP),
    /** A zstd frame, itself in a skippable frame, which {@link #offset} is already behind. */
    ZSTD(Compression.ZSTD);

    private final Compression compression;

    Wrapping(Compression compression) {
      this.compression = compression;
    }

    Compression compression() {
      return compression;
    }
  }

  /** How many of a blob's last bytes hold any footer. */
  public static final int TAIL_BYTES = 64;

  /** Longest TOC that is read, as it is in the blob. */
  static final int MAX_BYTES = 64 << 20;

  private static final int SKIPPABLE_HEADER = 8;
  private static final int GZIP_FOOTER = 51;
  private static final int GZIP_LEGACY_FOOTER = 47;
  private static final int ZSTD_STARGZ_FOOTER = 40;
  private static final int ZSTD_FOOTER = 64;
  private static final long MANIFEST_TYPE = 1;

  /** A gzip header with an extra field, no time, of an unknown system (RFC 1952, section 2.3). */
  private static final byte[] GZIP_HEADER = HexFormat.of().parseHex("1f8b08040000000000ff");

  private static final byte[] STARGZ = ascii("STARGZ");
  private static final byte[] SUBFIELD = HexFormat.of().parseHex("1a0053471600");
  private static final byte[] LEGACY_SUBFIELD = HexFormat.of().parseHex("1600");
  private static final byte[] ZSTD_STARGZ_MAGIC = ascii("GnUlInUx");
  private static final byte[] ZSTD_MAGIC = ascii("GNUlInUx");

  private static final String POSITION = "manifest-position";

  /** What the forks of zstd:chunked put before the names of their annotations. */
  private static final String[] PREFIXES = {
    "io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."
  };

  /**
   * Reads the footer at the end of a blob: of eStargz, of its predecessor stargz, or of
   * zstd:chunked as containers/storage or stargz-snapshotter write it. Not trustworthy, but neither
   * needs it to be: the TOC is checked against a digest.
   *
   * @param tail the blob's last {@link #TAIL_BYTES} bytes, or all if it has fewer
   * @return empty if there is no such footer, or it points to nowhere
   */
  public static Optional<TocLocation> ofFooter(byte[] tail, long blobLength) {
    return gzip(tail, blobLength, GZIP_FOOTER, SUBFIELD)
        .or(() -> gzip(tail, blobLength, GZIP_LEGACY_FOOTER, LEGACY_SUBFIELD))
        .or(() -> zstd(tail, blobLength, ZSTD_FOOTER, ZSTD_MAGIC))
        .or(() -> zstd(tail, blobLength, ZSTD_STARGZ_FOOTER, ZSTD_STARGZ_MAGIC));
  }

  /**
   * Reads the annotations that zstd:chunked has on a layer's descriptor.
   *
   * @return empty if there are none, or they point to nowhere
   */
  public static Optional<TocLocation> ofAnnotations(
      Map<String, String> annotations, long blobLength) {
    for (String prefix : PREFIXES) {
      String position = annotations.get(prefix + POSITION);
      if (position != null && position.matches("(\\d{1,18}:){3}1")) {
        String[] parts = position.split(":", -1);
        return checked(
            Wrapping.ZSTD,
            Long.parseLong(parts[0]),
            Long.parseLong(parts[1]),
            SKIPPABLE_HEADER,
            blobLength);
      }
    }
    return Optional.empty();
  }

  private static Optional<TocLocation> gzip(
      byte[] tail, long blobLength, int footer, byte[] subfield) {
    int at = tail.length - footer;
    int digits = at + GZIP_HEADER.length + subfield.length;
    if (at < 0
        || !has(tail, at, GZIP_HEADER)
        || !has(tail, at + GZIP_HEADER.length, subfield)
        || !has(tail, digits + 16, STARGZ)) {
      return Optional.empty();
    }
    long offset;
    try {
      offset = HexFormat.fromHexDigitsToLong(text(tail, digits, 16));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    return checked(Wrapping.GZIP_TAR, offset, blobLength - footer - offset, 0, blobLength - footer);
  }

  private static Optional<TocLocation> zstd(
      byte[] tail, long blobLength, int footer, byte[] magic) {
    int at = tail.length - footer;
    if (at < 0 || !has(tail, tail.length - magic.length, magic)) {
      return Optional.empty();
    }
    ByteBuffer fields = ByteBuffer.wrap(tail, at, footer).slice().order(ByteOrder.LITTLE_ENDIAN);
    if (fields.getLong(24) != MANIFEST_TYPE) {
      return Optional.empty();
    }
    return checked(
        Wrapping.ZSTD, fields.getLong(0), fields.getLong(8), SKIPPABLE_HEADER, blobLength - footer);
  }

  private static Optional<TocLocation> checked(
      Wrapping wrapping, long offset, long length, int before, long end) {
    if (offset < before || length < 1 || length > MAX_BYTES || offset > end - length) {
      return Optional.empty();
    }
    return Optional.of(new TocLocation(wrapping, offset, length, offset - before));
  }

  private static boolean has(byte[] bytes, int at, byte[] expected) {
    return Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length);
  }

  private static String text(byte[] bytes, int at, int length) {
    return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
