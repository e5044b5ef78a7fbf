package dev.longshore.layer.imports;

import dev.longshore.layer.RawText;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes FlatBuffers for tests. Values: {@link Byte}, {@link Integer} and {@link Long} as they are,
 * {@link String} and {@code byte[]} as vectors of bytes, {@link Table}, and a {@link List} of
 * strings or tables.
 */
final class FlatBuilder {

  /** A table: number of a field to its value. */
  static final class Table {
    private final Map<Integer, Object> fields = new LinkedHashMap<>();

    Table with(int field, Object value) {
      fields.put(field, value);
      return this;
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<Integer, Integer> patches = new LinkedHashMap<>();

  static byte[] build(Table root) {
    FlatBuilder builder = new FlatBuilder();
    builder.integer(0);
    builder.patches.put(0, builder.table(root));
    ByteBuffer bytes = ByteBuffer.wrap(builder.out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    builder.patches.forEach((place, target) -> bytes.putInt(place, target - place));
    return bytes.array();
  }

  /** Writes vtable, table and all that it leads to; gives where the table is. */
  private int table(Table table) {
    int most = table.fields.keySet().stream().mapToInt(field -> field + 1).max().orElse(0);
    int[] places = new int[most];
    int length = 4;
    for (Map.Entry<Integer, Object> field : table.fields.entrySet()) {
      places[field.getKey()] = length;
      length += inTable(field.getValue());
    }
    int vtable = out.size();
    shortInteger(4 + 2 * most);
    shortInteger(length);
    for (int place : places) {
      shortInteger(place);
    }
    int at = out.size();
    integer(at - vtable);
    Map<Integer, Object> later = new LinkedHashMap<>();
    for (Object value : table.fields.values()) {
      switch (value) {
        case Byte number -> out.write(number);
        case Integer number -> integer(number);
        case Long number -> {
          integer(number.intValue());
          integer((int) (number >> 32));
        }
        default -> {
          later.put(out.size(), value);
          integer(0);
        }
      }
    }
    later.forEach((place, value) -> patches.put(place, value(value)));
    return at;
  }

  private int value(Object value) {
    return switch (value) {
      case Table table -> table(table);
      case String text -> vector(RawText.bytes(text));
      case byte[] bytes -> vector(bytes);
      case List<?> list -> list(list);
      default -> throw new IllegalArgumentException("no value of a FlatBuffer: " + value);
    };
  }

  private int vector(byte[] bytes) {
    int at = out.size();
    integer(bytes.length);
    out.writeBytes(bytes);
    return at;
  }

  private int list(List<?> list) {
    int at = out.size();
    integer(list.size());
    int first = out.size();
    list.forEach(_ -> integer(0));
    for (int i = 0; i < list.size(); i++) {
      patches.put(first + 4 * i, value(list.get(i)));
    }
    return at;
  }

  private static int inTable(Object value) {
    return switch (value) {
      case Byte _ -> 1;
      case Long _ -> 8;
      default -> 4;
    };
  }

  private void integer(int value) {
    shortInteger(value);
    shortInteger(value >> 16);
  }

  private void shortInteger(int value) {
    out.write(value);
    out.write(value >> 8);
  }
}
