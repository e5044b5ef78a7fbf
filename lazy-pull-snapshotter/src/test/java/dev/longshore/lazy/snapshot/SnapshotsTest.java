package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.lazy.snapshot.SnapshotException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What containerd's overlay snapshotter does, without remote layers. */
class SnapshotsTest {
  @TempDir Path root;
  private Snapshots snapshots;

  @BeforeEach
  void open() throws IOException {
    snapshots = Snapshots.open(root, new NoRemoteLayers());
  }

  @AfterEach
  void close() {
    snapshots.close();
  }

  private void reopen() throws IOException {
    snapshots.close();
    open();
  }

  private static void assertFails(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SnapshotException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private void commit(String name, String parent) throws Exception {
    snapshots.prepare("making " + name, parent, Map.of());
    snapshots.commit(name, "making " + name, Map.of(), "");
  }

  private String fs(int id) {
    return root + "/snapshots/" + id + "/fs";
  }

  @Test
  void prepare_noParent_bindsItsOwnFolder() throws Exception {
    assertThat(snapshots.prepare("a", "", Map.of("x", "1")))
        .containsExactly(new Mount("bind", fs(1), List.of("rw", "rbind")));

    assertThat(snapshots.mounts("a"))
        .isEqualTo(List.of(new Mount("bind", fs(1), List.of("rw", "rbind"))));
    assertThat(Path.of(fs(1))).isDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(fs(1)))))
        .isEqualTo("rwxr-xr-x");
    SnapshotInfo info = snapshots.stat("a");
    assertThat(info.kind()).isEqualTo(Kind.ACTIVE);
    assertThat(info.parent()).isEmpty();
    assertThat(info.labels()).isEqualTo(Map.of("x", "1"));
    assertThat(info.created()).isEqualTo(info.updated());
  }

  @Test
  void prepare_onAChain_overlaysItNearestFirst() throws Exception {
    commit("c1", "");
    commit("c2", "c1");

    List<Mount> mounts = snapshots.prepare("a", "c2", Map.of());

    String own = root + "/snapshots/3";
    assertThat(mounts).hasSize(1);
    assertThat(mounts.getFirst().type()).isEqualTo("overlay");
    assertThat(mounts.getFirst().options())
        .startsWith(
            "workdir=" + own + "/work",
            "upperdir=" + own + "/fs",
            "lowerdir=" + fs(2) + ":" + fs(1));
  }

  @Test
  void view_parentsOneAndTwo_bindsOrOverlaysWithoutUpper() throws Exception {
    commit("c1", "");
    commit("c2", "c1");

    assertThat(snapshots.view("v0", "", Map.of()))
        .containsExactly(new Mount("bind", fs(3), List.of("ro", "rbind")));
    assertThat(snapshots.view("v1", "c1", Map.of()))
        .containsExactly(new Mount("bind", fs(1), List.of("ro", "rbind")));
    assertThat(snapshots.view("v2", "c2", Map.of()).getFirst().options())
        .startsWith("lowerdir=" + fs(2) + ":" + fs(1))
        .noneMatch(option -> option.startsWith("upperdir"));
    assertThat(snapshots.stat("v2").kind()).isEqualTo(Kind.VIEW);
  }

  @Test
  void prepare_thatMayNotBe_failsAndLeavesNothing() throws Exception {
    commit("c1", "");
    snapshots.prepare("a", "c1", Map.of());

    assertFails(Reason.ALREADY_EXISTS, () -> snapshots.prepare("a", "c1", Map.of()));
    assertFails(Reason.ALREADY_EXISTS, () -> snapshots.view("a", "", Map.of()));
    assertFails(Reason.ALREADY_EXISTS, () -> snapshots.prepare("c1", "", Map.of()));
    assertFails(Reason.NOT_FOUND, () -> snapshots.prepare("b", "nobody", Map.of()));
    assertFails(Reason.INVALID_ARGUMENT, () -> snapshots.prepare("b", "a", Map.of()));
    assertFails(Reason.INVALID_ARGUMENT, () -> snapshots.prepare("", "", Map.of()));
    assertFails(
        Reason.INVALID_ARGUMENT, () -> snapshots.prepare("b", "", Map.of("key", "v".repeat(4094))));
    snapshots.cleanup();
    assertThat(root.resolve("snapshots")).isDirectoryContaining("glob:**/[12]");
    assertThat(snapshots.list(List.of())).hasSize(2);
  }

  @Test
  void commit_active_isRenamedWithNewLabels() throws Exception {
    snapshots.prepare("a", "", Map.of("old", "1"));
    Files.writeString(Path.of(fs(1)).resolve("file"), "x".repeat(5000));
    Files.createLink(Path.of(fs(1)).resolve("same"), Path.of(fs(1)).resolve("file"));

    snapshots.commit("c", "a", Map.of("new", "2", "empty", ""), "");

    SnapshotInfo info = snapshots.stat("c");
    assertThat(info.kind()).isEqualTo(Kind.COMMITTED);
    assertThat(info.labels()).isEqualTo(Map.of("new", "2"));
    assertFails(Reason.NOT_FOUND, () -> snapshots.stat("a"));
    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.mounts("c"));
    assertThat(snapshots.usage("c").inodes()).isEqualTo(2);
    assertThat(snapshots.usage("c").bytes()).isEqualTo(8192 + 4096);
  }

  @Test
  void commit_thatMayNotBe_fails() throws Exception {
    commit("c", "");
    snapshots.prepare("a", "c", Map.of());
    snapshots.view("v", "c", Map.of());

    assertFails(Reason.ALREADY_EXISTS, () -> snapshots.commit("c", "a", Map.of(), ""));
    assertFails(Reason.NOT_FOUND, () -> snapshots.commit("d", "nobody", Map.of(), ""));
    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.commit("d", "v", Map.of(), ""));
    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.commit("d", "c", Map.of(), ""));
    assertFails(Reason.INVALID_ARGUMENT, () -> snapshots.commit("d", "a", Map.of(), "other"));
  }

  @Test
  void commit_withAParentItHadNot_isRebased() throws Exception {
    commit("c", "");
    snapshots.prepare("a", "", Map.of());
    snapshots.prepare("b", "", Map.of());

    assertFails(Reason.NOT_FOUND, () -> snapshots.commit("d", "a", Map.of(), "nobody"));
    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.commit("d", "a", Map.of(), "b"));
    snapshots.commit("d", "a", Map.of(), "c");

    assertThat(snapshots.stat("d").parent()).isEqualTo("c");
    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.remove("c"));
  }

  @Test
  void remove_inAnyOrder_childrenFirst() throws Exception {
    commit("c1", "");
    commit("c2", "c1");
    snapshots.prepare("a", "c2", Map.of());

    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.remove("c1"));
    assertFails(Reason.FAILED_PRECONDITION, () -> snapshots.remove("c2"));
    assertFails(Reason.NOT_FOUND, () -> snapshots.remove("nobody"));
    snapshots.remove("a");
    snapshots.remove("c2");
    snapshots.remove("c1");

    snapshots.cleanup();
    assertThat(root.resolve("snapshots")).isEmptyDirectory();
    assertThat(root.resolve("metadata")).isEmptyDirectory();
    snapshots.prepare("a", "", Map.of());
    snapshots.commit("c1", "a", Map.of(), "");
  }

  @Test
  void remove_withManyFiles_freesTheDiskInTheBackground() throws Exception {
    snapshots.prepare("a", "", Map.of());
    Path deep = Files.createDirectories(Path.of(fs(1)).resolve("d/e"));
    Files.writeString(deep.resolve("file"), "x");
    Files.createSymbolicLink(deep.resolve("out"), root);

    snapshots.remove("a");

    await().until(() -> !Files.exists(root.resolve("snapshots/1")));
    assertThat(root.resolve("metadata")).exists();
  }

  @Test
  void update_labels_oneAllOrNothingElse() throws Exception {
    commit("c", "");
    snapshots.update("c", Map.of("l1", "1", "l2", "2", "l3", "3"), List.of());

    assertThat(
            snapshots
                .update("c", Map.of("l1", "new", "l4", "4"), List.of("labels.l1", "labels.l2"))
                .labels())
        .isEqualTo(Map.of("l1", "new", "l3", "3"));
    assertThat(snapshots.update("c", Map.of("l4", "4"), List.of("labels")).labels())
        .isEqualTo(Map.of("l4", "4"));
    assertFails(Reason.INVALID_ARGUMENT, () -> snapshots.update("c", Map.of(), List.of("parent")));
    assertFails(Reason.NOT_FOUND, () -> snapshots.update("x", Map.of(), List.of()));
    reopen();
    SnapshotInfo info = snapshots.stat("c");
    assertThat(info.labels()).isEqualTo(Map.of("l4", "4"));
    assertThat(info.updated()).isAfter(info.created());
  }

  @Test
  void open_again_everythingIsThere() throws Exception {
    commit("c1", "");
    commit("k8s.io/7/sha256:c2", "c1");
    List<Mount> mounts = snapshots.prepare("a", "k8s.io/7/sha256:c2", Map.of("ключ", "значение"));
    snapshots.view("v", "c1", Map.of());
    List<SnapshotInfo> before = snapshots.list(List.of());

    reopen();

    assertThat(snapshots.list(List.of())).isEqualTo(before);
    assertThat(snapshots.mounts("a")).isEqualTo(mounts);
    snapshots.prepare("next", "", Map.of());
    assertThat(root.resolve("snapshots/5/fs")).isDirectory();
  }

  @Test
  void open_foldersWithoutRecords_areRemovedAndOthersKept() throws Exception {
    commit("c1", "");
    Files.createDirectories(root.resolve("snapshots/17/fs/x"));
    Files.createDirectories(root.resolve("snapshots/l1/fs/x"));
    Files.writeString(root.resolve("metadata/9.new"), "half");

    reopen();

    await().until(() -> !Files.exists(root.resolve("snapshots/17")));
    assertThat(root.resolve("snapshots/l1/fs/x")).isDirectory();
    assertThat(Path.of(fs(1))).isDirectory();
    assertThat(root.resolve("metadata/9.new")).doesNotExist();
    snapshots.prepare("a", "c1", Map.of());
    assertThat(root.resolve("snapshots/18")).as("never the folder that goes").isDirectory();
  }

  @Test
  void open_foldersThatTheRecordsNameAreGone_emptyOnesAreMade() throws Exception {
    commit("c1", "");
    snapshots.prepare("a", "c1", Map.of());
    snapshots.view("v", "", Map.of());
    snapshots.close();
    for (String gone : List.of("2/fs", "2/work", "2", "3/fs", "3")) {
      Files.delete(root.resolve("snapshots").resolve(gone));
    }

    open();

    for (String made : List.of("2/fs", "2/work", "3/fs")) {
      assertThat(root.resolve("snapshots").resolve(made)).isEmptyDirectory();
    }
  }

  @Test
  void open_aDamagedRecord_isSetAsideAndItsChildrenSayWhy() throws Exception {
    commit("c1", "");
    commit("c2", "c1");
    snapshots.prepare("a", "c2", Map.of());
    byte[] record = Files.readAllBytes(root.resolve("metadata/1"));
    record[20] ^= 1;
    Files.write(root.resolve("metadata/1"), record);

    reopen();

    assertFails(Reason.NOT_FOUND, () -> snapshots.stat("c1"));
    assertFails(Reason.UNAVAILABLE, () -> snapshots.mounts("a"));
    assertThat(root.resolve("metadata/1.damaged")).exists();
    snapshots.remove("a");
    snapshots.remove("c2");
  }

  @Test
  void usage_kinds_whatIsTheirs() throws Exception {
    commit("c", "");
    snapshots.prepare("a", "c", Map.of());
    snapshots.view("v", "c", Map.of());
    Files.writeString(Path.of(fs(2)).resolve("file"), "12345");
    Files.createSymbolicLink(Path.of(fs(2)).resolve("link"), Path.of("file"));

    assertThat(snapshots.usage("a")).isEqualTo(new Usage(2 * 4096, 3));
    assertThat(snapshots.usage("v")).isEqualTo(Usage.NONE);
    assertThat(snapshots.usage("c")).isEqualTo(new Usage(4096, 1));
    assertFails(Reason.NOT_FOUND, () -> snapshots.usage("x"));
  }

  @Test
  void list_manyByFilter_inOrderOfNames() throws Exception {
    for (int i = 0; i < 5; i++) {
      snapshots.prepare("n" + i, "", Map.of("odd", i % 2 == 1 ? "yes" : ""));
    }

    assertThat(snapshots.list(List.of("labels.odd", "name==n4")))
        .extracting(SnapshotInfo::name)
        .containsExactly("n1", "n3", "n4");
    assertFails(Reason.INVALID_ARGUMENT, () -> snapshots.list(List.of("name=")));
  }

  @Test
  void stat_times_areNow() throws Exception {
    Instant before = Instant.now();
    snapshots.prepare("a", "", Map.of());

    assertThat(snapshots.stat("a").created()).isBetween(before, Instant.now());
  }
}
