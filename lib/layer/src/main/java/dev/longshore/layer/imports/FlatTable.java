package dev.longshore.layer.imports;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of a FlatBuffer (flatbuffers.dev, "FlatBuffer Internals"): where it lies, and its fields
 * by their number in the schema. Every offset is checked before it is followed, and what is read in
 * all may not be more than the buffer has: else a small one whose offsets all lead to the same
 * bytes would become a large thing in memory.
 *
 * <p>A table begins with a signed offset back to its vtable, which has 16 bits for its own length,
 * 16 for the table's, and 16 for where each field lies in the table, 0 for none. Strings, vectors
 * and tables are not in the table: the field is an offset forward to them.
 */
final class FlatTable {
  private static final int VTABLE_HEADER = 4;

  private final String what;
  private final ByteBuffer buffer;
  private final Allowance allowance;
  private final int at;
  private final int vtable;
  private final int vtableLength;
  private final int length;

  /** How much more may be read of a buffer. */
  private static final class Allowance {
    private long bytes;

    private Allowance(long bytes) {
      this.bytes = bytes;
    }
  }

  private FlatTable(String what, ByteBuffer buffer, Allowance allowance, int at)
      throws MalformedImportException {
    this.what = what;
    this.buffer = buffer;
    this.allowance = allowance;
    this.at = at;
    spend(4);
    this.vtable = checked((long) at - getInt(at), VTABLE_HEADER);
    this.vtableLength = getShort(vtable);
    this.length = getShort(vtable + 2);
    checked(vtable, Math.max(vtableLength, VTABLE_HEADER));
    checked(at, Math.max(length, 4));
  }

  /** The root table of a buffer. */
  static FlatTable root(String what, byte[] bytes) throws MalformedImportException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 4) {
      throw new MalformedImportException(what, "a FlatBuffer", bytes.length + " bytes");
    }
    return new FlatTable(what, buffer, new Allowance(bytes.length), follow(what, buffer, 0));
  }

  /** A field of 64 bits; 0 if it is left out. */
  long getLong(int field) throws MalformedImportException {
    int place = place(field, Long.BYTES);
    return place == 0 ? 0 : buffer.getLong(place);
  }

  /** A field of 32 bits without sign; 0 if it is left out. */
  long getUnsignedInt(int field) throws MalformedImportException {
    int place = place(field, Integer.BYTES);
    return place == 0 ? 0 : Integer.toUnsignedLong(buffer.getInt(place));
  }

  /** A field of 8 bits. */
  int getByte(int field, int byDefault) throws MalformedImportException {
    int place = place(field, 1);
    return place == 0 ? byDefault : buffer.get(place);
  }

  /** A string as raw text; empty if it is left out. */
  String getString(int field) throws MalformedImportException {
    return new String(getBytes(field), StandardCharsets.ISO_8859_1);
  }

  /** A vector of bytes; empty if it is left out. */
  byte[] getBytes(int field) throws MalformedImportException {
    int place = place(field, Integer.BYTES);
    return place == 0 ? new byte[0] : bytes(follow(what, buffer, place));
  }

  /** A table; null if it is left out. */
  @Nullable FlatTable getTable(int field) throws MalformedImportException {
    int place = place(field, Integer.BYTES);
    return place == 0 ? null : new FlatTable(what, buffer, allowance, follow(what, buffer, place));
  }

  /** A vector of tables. */
  List<FlatTable> getTables(int field, int most) throws MalformedImportException {
    List<FlatTable> tables = new ArrayList<>();
    for (int element : elements(field, most)) {
      tables.add(new FlatTable(what, buffer, allowance, element));
    }
    return tables;
  }

  /** A vector of strings, as raw text. */
  List<String> getStrings(int field, int most) throws MalformedImportException {
    List<String> strings = new ArrayList<>();
    for (int element : elements(field, most)) {
      strings.add(new String(bytes(element), StandardCharsets.ISO_8859_1));
    }
    return strings;
  }

  private byte[] bytes(int vector) throws MalformedImportException {
    int count = count(vector, 1);
    byte[] bytes = new byte[count];
    buffer.get(vector + 4, bytes);
    return bytes;
  }

  /** Where the elements of a vector of offsets are. */
  private int[] elements(int field, int most) throws MalformedImportException {
    int place = place(field, Integer.BYTES);
    if (place == 0) {
      return new int[0];
    }
    int vector = follow(what, buffer, place);
    int count = count(vector, Integer.BYTES);
    if (count > most) {
      throw new MalformedImportException(what, "at most " + most + " elements", "" + count);
    }
    int[] elements = new int[count];
    for (int i = 0; i < count; i++) {
      elements[i] = follow(what, buffer, vector + 4 + i * Integer.BYTES);
    }
    return elements;
  }

  private int count(int vector, int elementBytes) throws MalformedImportException {
    long count = Integer.toUnsignedLong(getInt(vector));
    checked(vector + 4L, count * elementBytes);
    spend(4 + count * elementBytes);
    return (int) count;
  }

  private void spend(long bytes) throws MalformedImportException {
    allowance.bytes -= bytes;
    if (allowance.bytes < 0) {
      throw new MalformedImportException(what, "bytes that are used once", "some used again");
    }
  }

  /** Where a field lies, 0 if it is left out. */
  private int place(int field, int bytes) throws MalformedImportException {
    int slot = VTABLE_HEADER + 2 * field;
    if (slot + 2 > vtableLength) {
      return 0;
    }
    int inTable = getShort(vtable + slot);
    if (inTable == 0) {
      return 0;
    }
    if (inTable + bytes > length) {
      throw new MalformedImportException(
          what, "field " + field + " within its table", "at " + inTable + " of " + length);
    }
    return at + inTable;
  }

  private static int follow(String what, ByteBuffer buffer, int place)
      throws MalformedImportException {
    long target = place + Integer.toUnsignedLong(buffer.getInt(place));
    return checked(what, buffer, target, 4);
  }

  private int getInt(int place) throws MalformedImportException {
    return buffer.getInt(checked(place, Integer.BYTES));
  }

  private int getShort(int place) throws MalformedImportException {
    return Short.toUnsignedInt(buffer.getShort(checked(place, Short.BYTES)));
  }

  private int checked(long place, long bytes) throws MalformedImportException {
    return checked(what, buffer, place, bytes);
  }

  private static int checked(String what, ByteBuffer buffer, long place, long bytes)
      throws MalformedImportException {
    if (place < 0 || place > buffer.capacity() - bytes) {
      throw new MalformedImportException(
          what, "an offset within " + buffer.capacity() + " bytes", bytes + " bytes at " + place);
    }
    return (int) place;
  }
}
