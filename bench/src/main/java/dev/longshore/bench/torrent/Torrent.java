package dev.longshore.bench.torrent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.bench.content.LargeBlob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The metainfo of a torrent with one file (BEP 3). */
final class Torrent {
  private static final int PIECE = 1 << 20;

  private Torrent() {}

  /** The bencoded metainfo file. */
  static byte[] metainfo(URI announce, String name, LargeBlob content) throws IOException {
    byte[] pieces = pieces(content);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ascii("d8:announce" + text(announce.toString()) + "4:infod"));
    out.writeBytes(ascii("6:lengthi" + content.size() + "e4:name" + text(name)));
    out.writeBytes(ascii("12:piece lengthi" + PIECE + "e6:pieces" + pieces.length + ":"));
    out.writeBytes(pieces);
    out.writeBytes(ascii("ee"));
    return out.toByteArray();
  }

  /** A SHA-1 a piece, one after the other. */
  private static byte[] pieces(LargeBlob content) throws IOException {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream();
    try (InputStream in = content.open(0)) {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
        hashes.writeBytes(sha1.digest(piece));
      }
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
    return hashes.toByteArray();
  }

  private static String text(String value) {
    return value.length() + ":" + value;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
