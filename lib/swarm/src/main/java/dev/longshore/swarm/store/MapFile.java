package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.piece.UntrustedPieceMapException;
import dev.longshore.piece.VouchedPieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The piece map that lies beside a blob's file.
 *
 * <p>All integers big-endian:
 *
 * <pre>
 * magic          4  "LSBM"
 * version        4  1
 * incarnation    8  random; a file deleted and created again has another one
 * size           8  of the blob
 * piece size     4
 * map length     4  the map is the last that many bytes of the payload
 * payload length 4
 * payload crc    4  CRC-32C
 * header crc     4  CRC-32C of all before
 * payload           the map's binary form, alone or signed
 * </pre>
 */
final class MapFile {
  private static final Logger log = LoggerFactory.getLogger(MapFile.class);
  private static final int MAGIC = 0x4c53424d; // "LSBM"
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 44;

  /** A piece map of a million pieces, and its signature. */
  private static final int MAX_PAYLOAD = 33 << 20;

  private MapFile() {}

  /** What the first bytes say, enough to know the blob without reading its map. */
  record Header(
      long incarnation, PieceLayout layout, int mapLength, int payloadLength, int payloadCrc) {}

  /** A map, and its signed form when there is one that is trusted. */
  record Content(PieceMap map, @Nullable SignedPieceMap signed) {
    static Content of(VouchedPieceMap map) {
      return switch (map) {
        case SignedPieceMap signed -> new Content(signed.map(), signed);
        case LonePieceMap lone -> of(lone.map());
      };
    }

    static Content of(PieceMap map) {
      return new Content(map, null);
    }

    /** Whether it follows from the blob's digest and size alone. */
    boolean isLone() {
      return signed == null
          && LonePieceMap.of(map.digest(), map.layout().size())
              .filter(lone -> lone.map().equals(map))
              .isPresent();
    }
  }

  /** A map as it lies in its file, whoever signed it. */
  record Stored(long incarnation, PieceMap map) {}

  /**
   * Writes the file so that it is there whole or not at all; after a power failure too, but for a
   * map of one piece: that may be damaged until the next sync, which is seen when it is read, and
   * forcing it to the disk takes longer than getting the blob again.
   */
  static void write(Path file, long incarnation, Content content) throws IOException {
    byte[] map = content.map().encode();
    SignedPieceMap signed = content.signed();
    byte[] payload = signed == null ? map : signed.encode();
    PieceLayout layout = content.map().layout();
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + payload.length);
    out.putInt(MAGIC).putInt(VERSION).putLong(incarnation);
    out.putLong(layout.size()).putInt(layout.pieceSize());
    out.putInt(map.length).putInt(payload.length).putInt(crc(payload, payload.length));
    out.putInt(crc(out.array(), HEADER_BYTES - Integer.BYTES)).put(payload).flip();

    Path temporary = file.resolveSibling(file.getFileName() + BlobDirectory.TEMPORARY_SUFFIX);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (out.hasRemaining()) {
        channel.write(out);
      }
      if (layout.count() > 1) {
        channel.force(true);
      }
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads the first bytes; empty if they are not whole and right. */
  static Optional<Header> readHeader(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(HEADER_BYTES);
    long length;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      length = channel.size();
      while (in.hasRemaining() && channel.read(in) >= 0) {}
    }
    return in.hasRemaining() ? Optional.empty() : parseHeader(in.flip(), length);
  }

  private static Optional<Header> parseHeader(ByteBuffer in, long fileLength) {
    byte[] header = new byte[HEADER_BYTES];
    in.get(0, header);
    int crc = crc(header, HEADER_BYTES - Integer.BYTES);
    if (in.getInt() != MAGIC || in.getInt() != VERSION || in.getInt(40) != crc) {
      return Optional.empty();
    }
    long incarnation = in.getLong();
    long size = in.getLong();
    int pieceSize = in.getInt();
    int mapLength = in.getInt();
    int payloadLength = in.getInt();
    if (mapLength < 0
        || mapLength > payloadLength
        || payloadLength > MAX_PAYLOAD
        || fileLength != HEADER_BYTES + (long) payloadLength) {
      return Optional.empty();
    }
    try {
      PieceLayout layout = new PieceLayout(size, pieceSize);
      return Optional.of(new Header(incarnation, layout, mapLength, payloadLength, in.getInt()));
    } catch (IllegalArgumentException e) {
      log.debug("Not a layout in a map file", e);
      return Optional.empty();
    }
  }

  /**
   * Reads the map.
   *
   * <p>A signature that is not trusted (any more) does not make the pieces wrong: they were checked
   * against this map when they came. Only the right to hand the map on is lost.
   *
   * @throws IOException also if the file is damaged, or the map is that of another blob
   */
  static Content read(Path file, Digest digest, @Nullable TrustedKeys keys) throws IOException {
    Parsed parsed = parse(file, digest);
    byte[] payload = parsed.payload();
    if (payload.length == parsed.header().mapLength() || keys == null) {
      return Content.of(parsed.map());
    }
    try {
      return Content.of(keys.open(payload));
    } catch (MalformedPieceMapException e) {
      throw new IOException("piece map file " + file + " is damaged", e);
    } catch (UntrustedPieceMapException e) {
      log.warn("The stored map of {} cannot be passed on any more: {}", digest, e.getMessage());
      return Content.of(parsed.map());
    }
  }

  /** Reads the map alone, and of which incarnation of the blob it is. */
  static Stored readStored(Path file, Digest digest) throws IOException {
    Parsed parsed = parse(file, digest);
    return new Stored(parsed.header().incarnation(), parsed.map());
  }

  @SuppressWarnings("ArrayRecordComponent") // made and taken apart at once; never compared
  private record Parsed(Header header, byte[] payload, PieceMap map) {}

  private static Parsed parse(Path file, Digest digest) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Header header =
        bytes.length < HEADER_BYTES
            ? null
            : parseHeader(ByteBuffer.wrap(bytes), bytes.length).orElse(null);
    if (header == null) {
      throw new IOException("piece map file " + file + " is damaged: its header is wrong");
    }
    byte[] payload = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
    if (crc(payload, payload.length) != header.payloadCrc()) {
      throw new IOException("piece map file " + file + " is damaged: its checksum is wrong");
    }
    try {
      int from = payload.length - header.mapLength();
      PieceMap map = PieceMap.decode(Arrays.copyOfRange(payload, from, payload.length));
      if (!map.digest().equals(digest) || !map.layout().equals(header.layout())) {
        throw new IOException("piece map file " + file + " is of another blob: " + map);
      }
      return new Parsed(header, payload, map);
    } catch (MalformedPieceMapException e) {
      throw new IOException("piece map file " + file + " is damaged", e);
    }
  }

  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
