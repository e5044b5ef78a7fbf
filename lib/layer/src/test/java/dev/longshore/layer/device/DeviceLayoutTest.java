package dev.longshore.layer.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeviceLayoutTest {

  @Test
  void place_filesOfAnySize_eachBeginsOnABlock() {
    DeviceLayout layout =
        DeviceLayout.of(List.of(file(512, 1), file(2048, 4096), file(9000, 4097)));

    assertThat(layout.placement(0)).contains(new Placement(12, List.of(0L)));
    assertThat(layout.placement(1)).contains(new Placement(12, List.of(1L)));
    assertThat(layout.placement(2)).contains(new Placement(13, List.of(2L)));
    assertThat(layout.extents())
        .containsExactly(
            new DeviceExtent(0, 512, 1),
            new DeviceExtent(4096, 2048, 4096),
            new DeviceExtent(8192, 9000, 4097));
    assertThat(layout.size()).isEqualTo(4 * 4096);
  }

  @Test
  void place_emptyFileAndDirectory_takeNoRoom() {
    DeviceLayout layout =
        DeviceLayout.of(List.of(file(0, List.of()), entry(EntryType.DIRECTORY, 0, List.of())));

    assertThat(layout.placement(0)).isEmpty();
    assertThat(layout.placement(1)).isEmpty();
    assertThat(layout.size()).isZero();
  }

  @Test
  void place_sparseFile_takesRoomForChunksWithData() {
    long size = 1L << 40;
    DeviceLayout layout =
        DeviceLayout.of(
            List.of(file(size, List.of(new Segment(5, 1024, 10), new Segment(size - 1, 1034, 1)))));

    Placement placement = layout.placement(0).orElseThrow();
    assertThat(placement.blocks()).hasSize(4096);
    assertThat(placement.blocks().getFirst()).isZero();
    assertThat(placement.blocks().subList(1, 4095)).containsOnly(Placement.HOLE);
    assertThat(layout.extents())
        .containsExactly(
            new DeviceExtent(5, 1024, 10),
            new DeviceExtent(placement.blocks().getLast() * 4096 + (1 << 28) - 1, 1034, 1));
    assertThat(layout.size()).isEqualTo(2L << 28);
  }

  @Test
  void place_segmentOverSeveralChunks_isCutAtThem() {
    DeviceLayout layout =
        DeviceLayout.of(List.of(file(10_000, List.of(new Segment(4000, 512, 5000)))));

    assertThat(layout.placement(0)).contains(new Placement(12, List.of(0L, 1L, 2L)));
    assertThat(layout.extents())
        .containsExactly(
            new DeviceExtent(4000, 512, 96),
            new DeviceExtent(4096, 608, 4096),
            new DeviceExtent(8192, 4704, 808));
  }

  @Test
  void place_dataOutOfOrderOrBeyondTheEnd_isRefused() {
    DeviceLayout layout = new DeviceLayout();

    assertThatThrownBy(
            () -> layout.place(file(10, List.of(new Segment(5, 512, 1), new Segment(5, 513, 1)))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> layout.place(file(10, List.of(new Segment(5, 512, 6)))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void place_moreThanADeviceHolds_isRefused() {
    DeviceLayout layout = new DeviceLayout();

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 5; i++) {
                layout.place(file(512, 1L << 42));
              }
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("17592186036224");
  }

  @Test
  void place_sparseFilesOfManyChunks_areRefusedBeforeTheyTakeTheMemory() {
    DeviceLayout layout = new DeviceLayout();
    TarEntry sparse = file(1 << 24, List.of(new Segment(0, 512, 1)));
    for (int i = 0; i < 1024; i++) {
      layout.place(sparse);
    }

    assertThatThrownBy(() -> layout.place(sparse))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4194304 chunks");
    assertThat(layout.place(file(512, 1))).hasSize(1);
  }

  private static TarEntry file(long streamOffset, long size) {
    return file(size, List.of(new Segment(0, streamOffset, size)));
  }

  private static TarEntry file(long size, List<Segment> data) {
    return entry(EntryType.FILE, size, data);
  }

  private static TarEntry entry(EntryType type, long size, List<Segment> data) {
    return new TarEntry("f", type, 0644, 0, 0, 0, 0, size, "", 0, 0, new TreeMap<>(), data);
  }
}
