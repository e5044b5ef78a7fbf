package dev.longshore.layer.index;

import dev.longshore.layer.RawText;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Bytes of an index as they are read, with a bound on everything that has a length. */
final class ByteSource {
  private final InputStream in;

  ByteSource(InputStream in) {
    this.in = in;
  }

  int octet() throws IOException {
    int value = in.read();
    if (value < 0) {
      throw new EOFException("ends in the middle");
    }
    return value;
  }

  long number() throws IOException, MalformedIndexException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int octet = octet();
      value |= (octet & 0x7fL) << shift;
      if (octet < 0x80) {
        return value;
      }
    }
    throw new MalformedIndexException("a number has more than 63 bits");
  }

  long signed() throws IOException, MalformedIndexException {
    int sign = octet();
    if (sign > 1) {
      throw new MalformedIndexException("a sign is 0 or 1, found " + sign);
    }
    long half = number();
    return sign == 0 ? half : -half - 1;
  }

  /** A number of at most {@code most}. */
  long number(String what, long most) throws IOException, MalformedIndexException {
    long value = number();
    if (value > most) {
      throw new MalformedIndexException("%s is at most %d, found %d".formatted(what, most, value));
    }
    return value;
  }

  /** As {@link #number(String, long)}, for what fits an int. */
  int count(String what, int most) throws IOException, MalformedIndexException {
    return (int) number(what, most);
  }

  String text(String what, int most) throws IOException, MalformedIndexException {
    return RawText.of(raw(count("length of " + what, most)));
  }

  /** This many bytes; the caller has bounded them. */
  byte[] raw(int length) throws IOException {
    byte[] content = in.readNBytes(length);
    if (content.length < length) {
      throw new EOFException("ends " + (length - content.length) + " bytes early");
    }
    return content;
  }
}
