package dev.longshore.layer.tree;

import static dev.longshore.layer.TestEntry.directory;
import static dev.longshore.layer.TestEntry.file;
import static dev.longshore.layer.TestEntry.link;
import static dev.longshore.layer.TestEntry.owned;
import static dev.longshore.layer.TestEntry.symlink;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.longshore.layer.TestEntry;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tree.UnpackCases.UnpackCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LayerTreeTest {

  @ParameterizedTest
  @MethodSource
  void of_pathsInAnyForm_areFromTheRoot(String path, String expected) throws Exception {
    assertThat(TreeNames.of(LayerTree.of(List.of(file(path))))).contains(expected);
  }

  static Stream<Arguments> of_pathsInAnyForm_areFromTheRoot() {
    return Stream.of(
        arguments("a", "a"),
        arguments("./a", "a"),
        arguments("/a", "a"),
        arguments("//a/./b//", "a/b"),
        arguments("a/../b", "b"),
        arguments("a/b/../../c", "c"),
        arguments("...", "..."),
        arguments(".wh", ".wh"),
        arguments("a/.wh.b/c", "a/.wh.b/c"),
        arguments("a\u00ff\u0001b", "a\u00ff\u0001b"),
        arguments("n".repeat(255), "n".repeat(255)));
  }

  @ParameterizedTest
  @MethodSource("dev.longshore.layer.tree.UnpackCases#asContainerd")
  void of_entriesOneAfterTheOther_unpackAsInContainerd(UnpackCase unpack) throws Exception {
    assertThat(TreeNames.of(LayerTree.of(unpack.entries()))).isEqualTo(unpack.tree());
  }

  @ParameterizedTest
  @MethodSource("dev.longshore.layer.tree.UnpackCases#otherwise")
  void of_entriesThatContainerdTakesOtherwise_hideNothingOfTheirOwnLayer(UnpackCase unpack)
      throws Exception {
    assertThat(TreeNames.of(LayerTree.of(unpack.entries()))).isEqualTo(unpack.tree());
  }

  /** Its own name is longer than a file system takes, and none ever has it. */
  @Test
  void of_whiteoutOfTheLongestName_isMade() throws Exception {
    assertThat(TreeNames.of(LayerTree.of(List.of(file(".wh." + "n".repeat(255))))))
        .containsExactly("n".repeat(255) + " whiteout");
  }

  @ParameterizedTest
  @MethodSource
  void of_whatMakesNoTree_isRefusedWithTheEntryAndAReason(List<TarEntry> entries, String reason) {
    TarEntry last = entries.getLast();
    try {
      LayerTree.of(entries);
    } catch (RefusedLayerException e) {
      assertThat(e.entry()).isEqualTo(entries.size() - 1);
      assertThat(e.path()).isEqualTo(last.path());
      assertThat(e.reason()).contains(reason);
      assertThat(e).hasMessageContaining("entry " + e.entry()).hasMessageContaining(reason);
      return;
    }
    throw new AssertionError("a tree was made");
  }

  static Stream<Arguments> of_whatMakesNoTree_isRefusedWithTheEntryAndAReason() {
    return Stream.of(
        arguments(List.of(file("../a")), "climbs above the root"),
        arguments(List.of(file("/..")), "climbs above the root"),
        arguments(List.of(file("a/../../b")), "climbs above the root"),
        arguments(List.of(file("a\0b")), "NUL"),
        arguments(List.of(file("a/" + "n".repeat(256))), "256 bytes, more than 255"),
        arguments(List.of(file(".wh.n/" + "n".repeat(256) + "/x")), "256 bytes"),
        arguments(List.of(file(".wh." + "n".repeat(256))), "260 bytes"),
        arguments(List.of(file("a/".repeat(2049))), "4098 bytes, more than 4096"),
        arguments(List.of(file("a"), file("a/b")), "leads through 'a', which is no directory"),
        arguments(
            List.of(symlink("lib", "usr/lib"), file("lib/x")),
            "symlink to 'usr/lib', which is not in this layer"),
        arguments(
            List.of(symlink("a", "b"), symlink("b", "a"), file("a/x")), "more than 255 symlinks"),
        arguments(List.of(file("x"), symlink("a", "x"), file("a/x")), "'x', which is no directory"),
        arguments(List.of(symlink("a", "")), "path of 0 bytes"),
        arguments(List.of(symlink("a", "b\0c")), "NUL"),
        arguments(List.of(symlink("a", "b".repeat(4096))), "path of 4096 bytes"),
        arguments(List.of(link("a", "b")), "'b', which no earlier entry"),
        arguments(List.of(link("a", "b/c")), "'b/c', which no earlier entry"),
        arguments(List.of(link("a", "/")), "'/', which no earlier entry"),
        arguments(List.of(file("a"), link("a", "a")), "'a', which no earlier entry"),
        arguments(List.of(file("d/a"), link("d", "d/a")), "'d/a', which no earlier entry"),
        arguments(List.of(file(".wh.a"), link("b", "a")), "'a', which no earlier entry"),
        arguments(List.of(directory("d"), link("a", "d")), "'d', which is a directory"),
        arguments(List.of(file("d/.wh.")), "whiteout of no name"),
        arguments(List.of(file("d/.wh..")), "whiteout of no name"),
        arguments(List.of(file("d/.wh...")), "whiteout of no name"),
        arguments(List.of(TestEntry.device("a", EntryType.BLOCK_DEVICE, 4096, 0)), "device 4096:0"),
        arguments(
            List.of(TestEntry.device("a", EntryType.BLOCK_DEVICE, 0, 1 << 20)), "device 0:1048576"),
        arguments(List.of(owned("a", EntryType.FILE, 010000, 0, 0, 0, 0)), "out of range"),
        arguments(List.of(owned("a", EntryType.FILE, 0, -1, 0, 0, 0)), "out of range"),
        arguments(List.of(owned("a", EntryType.FILE, 0, 0, 1L << 32, 0, 0)), "out of range"),
        arguments(List.of(owned("a", EntryType.FILE, 0, 0, 0, 0, 1_000_000_000)), "out of range"),
        arguments(
            List.of(TestEntry.sparse("a", (1L << 55) + 1, List.of())),
            "more than 36028797018963968"),
        arguments(List.of(file("a", 0644, Map.of("user.", "x"))), "'user.'"),
        arguments(List.of(file("a", 0644, Map.of("user." + "n".repeat(251), "x"))), "'user.n"),
        arguments(
            List.of(file("a", 0644, Map.of("user.a", "x".repeat(65_536)))),
            "65536 bytes, more than 65535"),
        arguments(
            List.of(
                file(
                    "a", 0644, Map.of("user.a", "x".repeat(65_535), "user.b", "x".repeat(65_535)))),
            "131082 bytes, more than 131072"));
  }

  @Test
  void of_attributes_areThoseOfTheLastEntryThatNamesThem() throws Exception {
    LayerTree tree =
        LayerTree.of(
            List.of(
                owned("./", EntryType.DIRECTORY, 01777, 1, 2, -3, 4),
                owned("d", EntryType.DIRECTORY, 0700, 1, 2, 3, 4),
                owned("d", EntryType.DIRECTORY, 0750, 5, 6, 7, 8),
                owned("f", EntryType.FILE, 04755, 1, 2, 3, 4),
                owned("s/l", EntryType.FIFO, 0600, (1L << 32) - 1, 0, 1L << 33, 999_999_999)));

    assertThat(tree.root().attributes())
        .isEqualTo(new Attributes(01777, 1, 2, -3, 4, 0, "", 0, 0, LayerXattrs.NONE));
    assertThat(at(tree, "d").attributes())
        .isEqualTo(new Attributes(0750, 5, 6, 7, 8, 0, "", 0, 0, LayerXattrs.NONE));
    assertThat(at(tree, "f").attributes().mode()).isEqualTo(04755);
    assertThat(at(tree, "s", "l").attributes())
        .isEqualTo(
            new Attributes(
                0600, (1L << 32) - 1, 0, 1L << 33, 999_999_999, 0, "", 0, 0, LayerXattrs.NONE));
    assertThat(tree.impliedDirectories()).containsExactly("s");
  }

  @Test
  void of_parentsWithoutEntries_areImpliedUntilOneDescribesThem() throws Exception {
    LayerTree tree =
        LayerTree.of(
            List.of(file("a/b/c/x"), directory("a/b"), file("z/.wh.y"), directory("a/e/f")));

    assertThat(tree.impliedDirectories()).containsExactly("a", "a/b/c", "a/e", "z");
    assertThat(at(tree, "a").entry()).isEqualTo(-1);
    assertThat(at(tree, "a", "b").entry()).isEqualTo(1);
    assertThat(tree.root().attributes().mode()).isEqualTo(0755);
    assertThat(LayerTree.of(List.of()).impliedDirectories()).isEmpty();
  }

  @Test
  void of_hardLink_saysAnewWhatItsInodeIsLike() throws Exception {
    LayerTree tree =
        LayerTree.of(
            List.of(
                file("a", 0600, Map.of("security.capability", "c", "user.a", "1")),
                TestEntry.of("b", EntryType.HARD_LINK, 04755, "a", Map.of("user.a", "2"))));

    assertThat(at(tree, "a")).isSameAs(at(tree, "b"));
    assertThat(at(tree, "a").entry()).isZero();
    assertThat(at(tree, "a").attributes().mode()).isEqualTo(04755);
    assertThat(at(tree, "a").attributes().xattrs())
        .isEqualTo(Map.of("security.capability", "c", "user.a", "2"));
  }

  @Test
  void of_xattrs_areThoseThatAFileSystemHasAndOverlayfsDoesNotRead() throws Exception {
    Map<String, String> all =
        Map.of(
            "user.a", "1",
            "trusted.a", "2",
            "security.capability", "3",
            "system.posix_acl_access", "4",
            "system.posix_acl_default", "5",
            "trusted.overlay.redirect", "/etc",
            "trusted.overlay.opaque", "y",
            "user.overlay.metacopy", "",
            "btrfs.compression", "zstd",
            "system.nfs4_acl", "x");
    LayerTree tree =
        LayerTree.of(
            List.of(
                TestEntry.of("d", EntryType.DIRECTORY, 0755, "", all),
                TestEntry.of("f", EntryType.FILE, 0755, "", all),
                TestEntry.of("p", EntryType.FIFO, 0755, "", all),
                TestEntry.of("l", EntryType.SYMLINK, 0755, "x", all)));

    assertThat(at(tree, "d").attributes().xattrs())
        .containsOnlyKeys(
            "security.capability",
            "system.posix_acl_access",
            "system.posix_acl_default",
            "trusted.a",
            "user.a");
    assertThat(at(tree, "f").attributes().xattrs())
        .containsOnlyKeys("security.capability", "system.posix_acl_access", "trusted.a", "user.a");
    assertThat(at(tree, "p").attributes().xattrs())
        .containsOnlyKeys("security.capability", "system.posix_acl_access", "trusted.a");
    assertThat(at(tree, "l").attributes().xattrs())
        .containsOnlyKeys("security.capability", "trusted.a");
    assertThat(at(tree, "l").attributes().mode()).isEqualTo(0777);
  }

  @Test
  void of_laterEntryOfADirectory_keepsXattrsThatItDoesNotName() throws Exception {
    LayerTree tree =
        LayerTree.of(
            List.of(
                TestEntry.of(
                    "d", EntryType.DIRECTORY, 0755, "", Map.of("user.a", "1", "user.b", "1")),
                TestEntry.of("d", EntryType.DIRECTORY, 0755, "", Map.of("user.b", "2")),
                file("d/.wh..wh..opq")));

    assertThat(at(tree, "d").attributes().xattrs())
        .isEqualTo(Map.of("user.a", "1", "user.b", "2", "trusted.overlay.opaque", "y"));
  }

  @Test
  void inodes_areNumberedDirectoryByDirectory() throws Exception {
    LayerTree tree =
        LayerTree.of(
            List.of(file("b/y"), file("a/x/deep"), file("a/w"), file("c"), link("a/z", "c")));

    assertThat(tree.inodes())
        .containsExactly(
            tree.root(),
            at(tree, "a"),
            at(tree, "b"),
            at(tree, "c"),
            at(tree, "a", "w"),
            at(tree, "a", "x"),
            at(tree, "a", "x", "deep"),
            at(tree, "b", "y"));
    for (int i = 0; i < tree.inodes().size(); i++) {
      assertThat(tree.inodes().get(i).number()).isEqualTo(i);
    }
    assertThat(tree.root().links()).isEqualTo(4);
    assertThat(at(tree, "a").links()).isEqualTo(3);
    assertThat(at(tree, "a").parent()).isSameAs(tree.root());
    assertThat(tree.root().parent()).isSameAs(tree.root());
  }

  @Test
  void of_directoriesDeeperThanTheLimit_areRefused() throws Exception {
    List<TarEntry> entries = new ArrayList<>();
    entries.add(directory("a/".repeat(2000)));
    entries.add(symlink("s", "a/".repeat(2000)));
    entries.add(directory("s" + "/b".repeat(48)));
    assertThat(LayerTree.of(entries).inodes()).hasSize(2050);

    entries.add(directory("s" + "/b".repeat(49)));
    assertThatThrownBy(() -> LayerTree.of(entries))
        .isInstanceOf(RefusedLayerException.class)
        .hasMessageContaining("more than 2048 deep");
  }

  /** Each path of a few bytes leads through 255 symlinks of 2,000 names. */
  @Test
  void of_pathsThatTakeForeverToFollow_areRefused() {
    List<TarEntry> entries = new ArrayList<>();
    entries.add(directory("d"));
    entries.add(symlink("l0", "d"));
    for (int i = 1; i < 250; i++) {
      entries.add(symlink("l" + i, "d/../".repeat(800) + "l" + (i - 1)));
    }
    for (int i = 0; i < 1_000; i++) {
      entries.add(file("l249/f" + i));
    }
    assertThatThrownBy(() -> LayerTree.of(entries))
        .isInstanceOf(RefusedLayerException.class)
        .hasMessageContaining("steps");
  }

  private static Inode at(LayerTree tree, String... names) {
    Inode inode = tree.root();
    for (String name : names) {
      inode = inode.children().get(name);
      assertThat(inode).as(name).isNotNull();
    }
    return inode;
  }
}
