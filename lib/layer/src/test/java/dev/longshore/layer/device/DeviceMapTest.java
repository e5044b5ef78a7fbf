package dev.longshore.layer.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeviceMapTest {

  /** 100 bytes at 512 on block 0, 5,000 bytes at 1024 on blocks 1 and 2. */
  private final DeviceMap map =
      DeviceMap.of(DeviceLayout.of(List.of(file(512, 100), file(1024, 5000))));

  @Test
  void deviceOffset_anyPlaceOfTheStream_isThatOfTheNextFileByte() {
    assertThat(map.deviceOffset(0)).isZero();
    assertThat(map.deviceOffset(512)).isZero();
    assertThat(map.deviceOffset(611)).isEqualTo(99);
    assertThat(map.deviceOffset(612)).isEqualTo(4096);
    assertThat(map.deviceOffset(1024)).isEqualTo(4096);
    assertThat(map.deviceOffset(6023)).isEqualTo(9095);
    assertThat(map.deviceOffset(6024)).isEqualTo(map.size()).isEqualTo(3 * 4096);
  }

  @Test
  void runs_rangeOverFilesAndHeaders_givesFileBytesAlone() {
    assertThat(runs(600, 1000)).containsExactly("600>88+12", "1024>4096+576");
    assertThat(runs(0, 512)).isEmpty();
    assertThat(runs(612, 412)).isEmpty();
    assertThat(runs(0, 10_000)).containsExactly("512>0+100", "1024>4096+5000");
    assertThat(runs(6023, 1)).containsExactly("6023>9095+1");
    assertThat(runs(6024, 1)).isEmpty();
  }

  private List<String> runs(long from, long count) {
    List<String> runs = new ArrayList<>();
    map.runs(
        from, count, (stream, device, length) -> runs.add(stream + ">" + device + "+" + length));
    return runs;
  }

  private static TarEntry file(long streamOffset, long size) {
    return new TarEntry(
        "f",
        EntryType.FILE,
        0644,
        0,
        0,
        0,
        0,
        size,
        "",
        0,
        0,
        new TreeMap<>(),
        List.of(new Segment(0, streamOffset, size)));
  }
}
