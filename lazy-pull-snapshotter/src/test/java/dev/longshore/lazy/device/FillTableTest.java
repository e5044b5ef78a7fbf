package dev.longshore.lazy.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FillTableTest {
  @TempDir Path folder;

  /** Spans of 100, 0, 50 and 4096 bytes. */
  private static final long[] STARTS = {0, 100, 100, 150, 4246};

  @Test
  void create_fresh_onlySpansWithoutBytesAreFilled() throws IOException {
    FillTable table = create();
    assertThat(table.spans()).isEqualTo(4);
    assertThat(table.deviceSize()).isEqualTo(4246);
    assertThat(table.isFilled(0)).isFalse();
    assertThat(table.isFilled(1)).isTrue();
    assertThat(table.missing()).isEqualTo(3);
    assertThat(table.isComplete()).isFalse();
  }

  @Test
  void isFilled_range_needsEverySpanThatItTouches() throws IOException {
    FillTable table = create();
    table.fill(2);

    assertThat(table.isFilled(100, 50)).isTrue();
    assertThat(table.isFilled(99, 2)).isFalse();
    assertThat(table.isFilled(149, 2)).isFalse();
    assertThat(table.isFilled(4246, 4096)).as("beyond the end").isTrue();
    assertThat(table.isFilled(100, Long.MAX_VALUE)).isFalse();
    table.fill(3);
    assertThat(table.isFilled(100, Long.MAX_VALUE)).isTrue();
    table.fill(0);
    assertThat(table.isComplete()).isTrue();
    table.empty(3);
    assertThat(table.isComplete()).isFalse();
  }

  @Test
  void firstMissing_fromASpan_skipsFilledOnesAndStopsAtTheEnd() throws IOException {
    FillTable table = create();
    assertThat(table.firstMissing(0, 1)).isZero();
    table.fill(0);
    assertThat(table.firstMissing(0, 100)).isEqualTo(-1);
    assertThat(table.firstMissing(0, 101)).isEqualTo(2);
    assertThat(table.firstMissing(3, Long.MAX_VALUE)).isEqualTo(3);
    assertThat(table.firstMissing(4, Long.MAX_VALUE)).isEqualTo(-1);
  }

  @Test
  void spanAt_anyOffset_isTheOneThatEndsAfterIt() throws IOException {
    FillTable table = create();
    assertThat(table.spanAt(0)).isZero();
    assertThat(table.spanAt(99)).isZero();
    assertThat(table.spanAt(100)).isEqualTo(2);
    assertThat(table.spanAt(150)).isEqualTo(3);
    assertThat(table.spanAt(4246)).isEqualTo(4);
  }

  @Test
  void open_sameFileTwice_seesWhatTheOtherFills() throws IOException {
    FillTable one = create();
    FillTable other = FillTable.open(folder.resolve("filled"));

    one.fill(3);

    assertThat(other.isFilled(3)).isTrue();
    assertThat(other.isFilled(0)).isFalse();
    assertThat(other.deviceSize()).isEqualTo(4246);
  }

  @Test
  void create_deviceWithoutSpans_isComplete() throws IOException {
    FillTable table = FillTable.create(folder.resolve("filled"), new long[] {0});
    assertThat(table.isComplete()).isTrue();
    assertThat(table.isFilled(0, 4096)).isTrue();
  }

  @Test
  void open_cutOffOrForeign_saysSo() throws IOException {
    var _ = create();
    Path file = folder.resolve("filled");
    byte[] content = Files.readAllBytes(file);

    for (int length = 0; length < content.length; length++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(content, length));
      assertThatThrownBy(() -> FillTable.open(cut))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not a table");
    }
  }

  @Test
  void create_startsThatFall_isRefused() {
    assertThatThrownBy(() -> FillTable.create(folder.resolve("filled"), new long[] {0, 2, 1}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private FillTable create() throws IOException {
    return FillTable.create(folder.resolve("filled"), STARTS);
  }
}
