package dev.longshore.lazy.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FuseFormatTest {
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment out = arena.allocate(8192, 8);

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void init_kernelOffersLess_onlyWhatItOffers() {
    MemorySegment request = arena.allocate(8192, 8);
    request.set(JAVA_INT, 40 + 12, 1 | 1 << 30);
    out.fill((byte) -1);

    assertThat(FuseFormat.init(out, request)).isEqualTo(64);
    assertThat(out.get(JAVA_INT, 0)).isEqualTo(7);
    assertThat(out.get(JAVA_INT, 12)).isEqualTo(1);
    assertThat(out.asSlice(32, 32).toArray(JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void entry_file_hasIdSizeAndNoTimeForItsName() {
    out.fill((byte) -1);

    assertThat(FuseFormat.entry(out, new FuseDirectory.File(77, "a", 8193))).isEqualTo(128);
    assertThat(out.get(JAVA_LONG, 0)).isEqualTo(77);
    assertThat(out.get(JAVA_LONG, 16)).as("seconds that the name is valid").isZero();
    assertThat(out.get(JAVA_LONG, 24)).as("seconds that the size is valid").isPositive();
    assertThat(out.get(JAVA_LONG, 48)).isEqualTo(8193);
    assertThat(out.get(JAVA_LONG, 56)).isEqualTo(17);
    assertThat(out.get(JAVA_INT, 100)).isEqualTo(0100444);
  }

  @Test
  void listing_inPartsOfAnySize_hasEachNameOnce() {
    List<FuseDirectory.File> files = new ArrayList<>();
    List<String> expected = new ArrayList<>(List.of(".", ".."));
    for (int i = 0; i < 50; i++) {
      files.add(new FuseDirectory.File(10 + i, "n".repeat(i + 1), i));
      expected.add("n".repeat(i + 1));
    }
    for (int room : new int[] {80, 100, 500, 8192}) {
      List<String> names = new ArrayList<>();
      long from = 0;
      while (true) {
        long bytes = FuseFormat.listing(out, files, from, room);
        assertThat(bytes).isLessThanOrEqualTo(room);
        if (bytes == 0) {
          break;
        }
        for (long at = 0; at < bytes; at += 24 + (out.get(JAVA_INT, at + 16) + 7 & ~7)) {
          byte[] name = out.asSlice(at + 24, out.get(JAVA_INT, at + 16)).toArray(JAVA_BYTE);
          names.add(new String(name, StandardCharsets.UTF_8));
          from = out.get(JAVA_LONG, at + 8);
        }
      }
      assertThat(names).as("room " + room).isEqualTo(expected);
    }
  }
}
