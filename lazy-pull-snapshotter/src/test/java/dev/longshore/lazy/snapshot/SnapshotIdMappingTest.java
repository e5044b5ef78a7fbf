package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotIdMappingTest {
  private static final Map<String, String> LABELS =
      Map.of(
          "containerd.io/snapshot/uidmapping", "0:666:10",
          "containerd.io/snapshot/gidmapping", "1:5:1,0:777:10");

  @Test
  void of_mappingLabels_hostsRoot() throws Exception {
    assertThat(IdMapping.of(LABELS)).contains(new IdMapping(666, 777));
    assertThat(IdMapping.of(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0:1", "0:1:0", "1:1:1", "a:b:c", "0:1:1:1", "0:-1:5", "0:99999999999:5"})
  void of_malformed_isInvalidArgument(String mapping) {
    assertThatThrownBy(() -> IdMapping.of(Map.of(Labels.UID_MAPPING, mapping + ",")))
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.reason()).isEqualTo(SnapshotException.Reason.INVALID_ARGUMENT));
  }

  @Test
  @Tag("node")
  void prepare_withMapping_ownsTheRootAndItsChildrenInherit(@TempDir Path root) throws Exception {
    try (Snapshots snapshots = Snapshots.open(root, new NoRemoteLayers())) {
      snapshots.prepare("a", "", LABELS);
      snapshots.commit("c", "a", Map.of(), "");
      snapshots.prepare("child", "c", Map.of());

      assertThat(SnapshotFolders.ownerOf(root.resolve("snapshots/1/fs")))
          .isEqualTo(new IdMapping(666, 777));
      assertThat(SnapshotFolders.ownerOf(root.resolve("snapshots/2/fs")))
          .isEqualTo(new IdMapping(666, 777));
    }
  }
}
