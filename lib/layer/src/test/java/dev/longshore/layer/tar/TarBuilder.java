package dev.longshore.layer.tar;

import dev.longshore.layer.RawText;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;

/** Makes tar archives header by header, wrong ones too. */
final class TarBuilder {

  /** One header block; every method changes it and gives it back. */
  static final class Header {
    private final byte[] bytes = new byte[512];
    private boolean signed;

    private Header(String name, char type) {
      text(0, 100, name).octal(100, 8, 0644).octal(108, 8, 0).octal(116, 8, 0);
      octal(124, 12, 0).octal(136, 12, 0);
      bytes[156] = (byte) type;
    }

    static Header v7(String name, char type) {
      return new Header(name, type);
    }

    static Header ustar(String name, char type) {
      return new Header(name, type).text(257, 8, "ustar\00000").octal(329, 8, 0).octal(337, 8, 0);
    }

    static Header gnu(String name, char type) {
      return new Header(name, type).text(257, 8, "ustar  ");
    }

    Header text(int at, int length, String raw) {
      byte[] value = RawText.bytes(raw);
      Arrays.fill(bytes, at, at + length, (byte) 0);
      System.arraycopy(value, 0, bytes, at, Math.min(length, value.length));
      return this;
    }

    Header octal(int at, int length, long value) {
      return text(at, length, ("%0" + (length - 1) + "o").formatted(value));
    }

    Header base256(int at, int length, long value) {
      for (int i = 0; i < length; i++) {
        int shift = 8 * (length - 1 - i);
        bytes[at + i] = (byte) (shift > 56 ? value >> 63 : value >> shift);
      }
      bytes[at] = (byte) (value < 0 ? 0xff : bytes[at] | 0x80);
      return this;
    }

    Header size(long size) {
      return octal(124, 12, size);
    }

    Header target(String target) {
      return text(157, 100, target);
    }

    /** Adds up the checksum of signed bytes. */
    Header signedSum() {
      signed = true;
      return this;
    }

    byte[] sealed() {
      byte[] sealed = bytes.clone();
      Arrays.fill(sealed, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte b : sealed) {
        sum += signed ? b : b & 0xff;
      }
      byte[] text = RawText.bytes("%06o\0 ".formatted(sum));
      System.arraycopy(text, 0, sealed, 148, 8);
      return sealed;
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarBuilder header(Header header) {
    out.writeBytes(header.sealed());
    return this;
  }

  TarBuilder file(Header header, byte[] data) {
    return header(header.size(data.length)).data(data);
  }

  /** Bytes as they are. */
  TarBuilder bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** Bytes, and zeros up to the end of the block. */
  TarBuilder data(byte[] bytes) {
    out.writeBytes(bytes);
    out.writeBytes(new byte[-bytes.length & 511]);
    return this;
  }

  TarBuilder pax(char type, String body) {
    return file(Header.ustar("pax", type), RawText.bytes(body));
  }

  TarBuilder pax(Map<String, String> records) {
    StringBuilder body = new StringBuilder();
    records.forEach((key, value) -> body.append(record(key, value)));
    return pax('x', body.toString());
  }

  static String record(String key, String value) {
    int rest = key.length() + value.length() + 3;
    int length = rest + 1;
    while (String.valueOf(length).length() + rest != length) {
      length++;
    }
    return length + " " + key + "=" + value + "\n";
  }

  TarBuilder end() {
    out.writeBytes(new byte[1024]);
    return this;
  }

  int length() {
    return out.size();
  }

  byte[] toBytes() {
    return out.toByteArray();
  }
}
