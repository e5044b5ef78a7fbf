package dev.longshore.lazy.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.DeviceChoice;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.kernel.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeviceProbeTest {
  @TempDir Path folder;

  @Test
  void choose_auto_takesTheFirstThatWorks() throws IOException {
    assertThat(new DeviceProbe(Map.of(), false).choose(DeviceChoice.AUTO))
        .contains(DeviceKind.FANOTIFY);
    assertThat(new DeviceProbe(Map.of(DeviceKind.FANOTIFY, "old"), true).choose(DeviceChoice.AUTO))
        .contains(DeviceKind.FUSE);
    assertThat(
            new DeviceProbe(
                    Map.of(
                        DeviceKind.FANOTIFY, "old", DeviceKind.FUSE, "no", DeviceKind.PLAIN, "no"),
                    false)
                .choose(DeviceChoice.AUTO))
        .isEmpty();
  }

  @Test
  void choose_byName_isThatOrSaysWhyNot() throws IOException {
    DeviceProbe probe = new DeviceProbe(Map.of(DeviceKind.FANOTIFY, "Linux is too old"), false);

    assertThat(probe.choose(DeviceChoice.PLAIN)).contains(DeviceKind.PLAIN);
    assertThatThrownBy(() -> probe.choose(DeviceChoice.FANOTIFY))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "--device fanotify does not work on this machine (Linux is too old); use --device"
                + " auto");
  }

  @Test
  @Tag("node")
  void run_hereWhereEachIsTested_allWorkAndNothingIsLeft() throws IOException {
    Path probing = folder.resolve("probe");

    DeviceProbe probe = DeviceProbe.run(probing);

    for (DeviceKind kind : DeviceKind.values()) {
      assertThat(probe.failure(kind)).as(kind.toString()).isEqualTo(Optional.empty());
    }
    assertThat(probe.needsLoops()).isFalse();
    assertThat(Files.exists(probing)).isFalse();
    assertThat(MountTable.mountPoints()).noneMatch(point -> point.startsWith(folder));
  }

  @Test
  @Tag("node")
  void run_folderThatCannotHoldLayers_saysWhy() throws IOException {
    DeviceProbe probe = DeviceProbe.run(Path.of("/proc/longshore-probe"));

    assertThat(probe.failure(DeviceKind.PLAIN)).isPresent();
  }
}
