package dev.longshore.piece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PieceLayoutTest {

  @ParameterizedTest
  @CsvSource({
    "0, 262144, 0",
    "1, 262144, 1",
    "262144, 262144, 1",
    "262145, 262144, 2",
    "268435456, 262144, 1024",
    "268435457, 524288, 513",
    "536870912, 524288, 1024",
    "536870913, 1048576, 513",
    "4294967296, 1048576, 4096",
    "4294967297, 2097152, 2049",
    "17179869184, 4194304, 4096",
    "21474836480, 4194304, 5120",
  })
  void forSize_growsThePieceBeforeTheCount(long size, int pieceSize, int count) {
    PieceLayout layout = PieceLayout.forSize(size);
    assertThat(layout.pieceSize()).isEqualTo(pieceSize);
    assertThat(layout.count()).isEqualTo(count);
  }

  @Test
  void pieces_togetherCoverTheBlobExactly() {
    PieceLayout layout = new PieceLayout(5_000_000_001L, 1 << 20);
    long next = 0;
    for (int piece = 0; piece < layout.count(); piece++) {
      assertThat(layout.offset(piece)).isEqualTo(next);
      assertThat(layout.pieceAt(next)).isEqualTo(piece);
      next += layout.length(piece);
      assertThat(layout.pieceAt(next - 1)).isEqualTo(piece);
    }
    assertThat(next).isEqualTo(layout.size());
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 262144",
    "9223372036854775807, 4194304",
    "1, 0",
    "1, 262143",
    "1, 8388608",
    "1, 1"
  })
  void constructor_hostileNumbers_areRefused(long size, int pieceSize) {
    assertThatThrownBy(() -> new PieceLayout(size, pieceSize))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void accessors_outsideTheBlob_areRefused() {
    PieceLayout layout = PieceLayout.forSize(10);
    assertThatThrownBy(() -> layout.offset(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> layout.length(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> layout.pieceAt(10)).isInstanceOf(IllegalArgumentException.class);
  }
}
