package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GzipHeaderTest {
  private final GzipHeader header = new GzipHeader();

  /** How many bytes it takes to be complete. */
  private int length(byte[] bytes) throws DataFormatException {
    for (int i = 0; i < bytes.length; i++) {
      if (header.accept(bytes[i] & 0xff)) {
        return i + 1;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "1, 10", "2, 12", "4, 17", "8, 15", "16, 12", "30, 26", "255, 26"})
  void accept_anyFlags_endsWithTheHeader(int flags, int length) throws DataFormatException {
    byte[] member = TestBlobs.member(new byte[100], 6, flags);

    assertThat(length(member)).isEqualTo(length);
    header.reset();
    assertThat(length(Arrays.copyOf(member, length - 1))).isEqualTo(-1);
  }

  @Test
  void accept_extraFieldWithoutBytes_endsWithIt() throws DataFormatException {
    assertThat(length(new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 0, 0, 77}))
        .isEqualTo(12);
  }

  @Test
  void accept_footerOfEstargz_endsWithTheExtraField() throws DataFormatException {
    byte[] footer = new byte[38];
    byte[] start = {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, 26, 0, 'S', 'G', 22, 0};
    System.arraycopy(start, 0, footer, 0, start.length);

    assertThat(length(footer)).isEqualTo(38);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void accept_otherMagic_isRefusedAtThatByte(int at) throws DataFormatException {
    byte[] bytes = {0x1f, (byte) 0x8b, 8};
    for (int i = 0; i < at; i++) {
      assertThat(header.accept(bytes[i] & 0xff)).isFalse();
    }

    assertThatThrownBy(() -> header.accept((bytes[at] & 0xff) ^ 1))
        .isInstanceOf(DataFormatException.class)
        .hasMessageContaining("byte " + at);
  }

  @Test
  void accept_wrongCrc_isRefused() {
    byte[] member = TestBlobs.member(new byte[1], 6, 2);
    member[11] ^= 1;

    assertThatThrownBy(() -> length(member))
        .isInstanceOf(DataFormatException.class)
        .hasMessageContaining("CRC-16");
  }
}
