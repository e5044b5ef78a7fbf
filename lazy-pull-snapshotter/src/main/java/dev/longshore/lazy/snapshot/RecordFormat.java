package dev.longshore.lazy.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** The bytes of a snapshot's file. */
final class RecordFormat {

  /*
   * Big endian: magic, version, id i64, name, parent, kind u8, created, updated (each seconds i64,
   * nanos i32), usage bytes i64 and inodes i64, layer digest or empty, number of labels i32, then
   * key and value of each; CRC-32C of all before it. Strings: length i32, UTF-8.
   */

  /** Far above what containerd's limits on labels allow a request to carry. */
  static final int MAX_BYTES = 8 << 20;

  private static final int MAGIC = 0x4c53_534e; // "LSSN"
  private static final byte VERSION = 1;
  private static final int CRC_BYTES = 4;

  private RecordFormat() {}

  static byte[] write(SnapshotRecord record) {
    var out = new Out();
    SnapshotInfo info = record.info();
    out.bytes.putInt(MAGIC).put(VERSION).putLong(record.id());
    out.text(info.name());
    out.text(info.parent());
    out.room(1 + 5 * Long.BYTES + 2 * Integer.BYTES);
    out.bytes.put((byte) info.kind().code());
    out.time(info.created());
    out.time(info.updated());
    out.bytes.putLong(record.usage().bytes()).putLong(record.usage().inodes());
    out.text(record.layer().map(Digest::toString).orElse(""));
    out.room(Integer.BYTES);
    out.bytes.putInt(info.labels().size());
    new TreeMap<>(info.labels())
        .forEach((key, value) -> {
          out.text(key);
          out.text(value);
        });
    return out.sealed();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if it is anything else
   */
  static SnapshotRecord read(byte[] file) throws IOException {
    int end = file.length - CRC_BYTES;
    if (end < 0 || ByteBuffer.wrap(file, end, CRC_BYTES).getInt() != crc(file, end)) {
      throw new IOException("its checksum does not fit: it was damaged");
    }
    ByteBuffer in = ByteBuffer.wrap(file, 0, end);
    try {
      if (in.getInt() != MAGIC) {
        throw new IOException("it is not a snapshot's record");
      }
      byte version = in.get();
      if (version != VERSION) {
        throw new IOException("expected version " + VERSION + ", found " + version);
      }
      return fields(in);
    } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
      throw new IOException("it is malformed: " + e, e);
    }
  }

  private static SnapshotRecord fields(ByteBuffer in) {
    long id = in.getLong();
    String name = text(in);
    String parent = text(in);
    Kind kind = Kind.ofCode(in.get());
    Instant created = time(in);
    Instant updated = time(in);
    Usage usage = new Usage(in.getLong(), in.getLong());
    String layer = text(in);
    int count = in.getInt();
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < count; i++) {
      labels.put(text(in), text(in));
    }
    return new SnapshotRecord(
        id,
        new SnapshotInfo(name, parent, kind, created, updated, labels),
        usage,
        layer.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(layer)));
  }

  private static Instant time(ByteBuffer in) {
    return Instant.ofEpochSecond(in.getLong(), in.getInt());
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] utf8 = new byte[length];
    in.get(utf8);
    return new String(utf8, UTF_8);
  }

  private static int crc(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  private static final class Out {
    private ByteBuffer bytes = ByteBuffer.allocate(512);

    void room(int more) {
      if (bytes.remaining() < more) {
        bytes = ByteBuffer.allocate(2 * (bytes.position() + more)).put(bytes.flip());
      }
    }

    void text(String text) {
      byte[] utf8 = text.getBytes(UTF_8);
      room(Integer.BYTES + utf8.length);
      bytes.putInt(utf8.length).put(utf8);
    }

    void time(Instant time) {
      bytes.putLong(time.getEpochSecond()).putInt(time.getNano());
    }

    byte[] sealed() {
      room(CRC_BYTES);
      bytes.putInt(crc(bytes.array(), bytes.position()));
      byte[] file = new byte[bytes.position()];
      bytes.flip().get(file);
      return file;
    }
  }
}
