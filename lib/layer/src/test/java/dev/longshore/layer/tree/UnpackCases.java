package dev.longshore.layer.tree;

import static dev.longshore.layer.TestEntry.directory;
import static dev.longshore.layer.TestEntry.file;
import static dev.longshore.layer.TestEntry.link;
import static dev.longshore.layer.TestEntry.symlink;

import dev.longshore.layer.TestEntry;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;
import java.util.stream.Stream;

/** Entries, and the listing of the tree that they make. */
final class UnpackCases {
  private UnpackCases() {}

  /** Entries in the order of a layer, and every path of the tree that they make. */
  record UnpackCase(List<TarEntry> entries, List<String> tree) {}

  /** What containerd unpacks to the same, but for the origin attribute. */
  static Stream<UnpackCase> asContainerd() {
    return Stream.of(
        new UnpackCase(List.of(), List.of()),
        new UnpackCase(List.of(directory("./"), file("a/.."), symlink("/", "x")), List.of()),
        new UnpackCase(List.of(file("b"), file("a"), file("B")), List.of("B", "a", "b")),
        new UnpackCase(List.of(file("a/b/c")), List.of("a/", "a/b/", "a/b/c")),
        new UnpackCase(List.of(directory("a"), file("a/b"), directory("a/")), List.of("a/", "a/b")),
        new UnpackCase(List.of(directory("a"), file("a/b"), file("a")), List.of("a")),
        new UnpackCase(List.of(file("a"), directory("a"), file("a/b")), List.of("a/", "a/b")),
        new UnpackCase(List.of(symlink("a", "b"), directory("a")), List.of("a/")),
        // Through a symlink, relative, absolute, of a symlink, and out of the root.
        new UnpackCase(
            List.of(directory("usr/lib"), symlink("lib", "usr/lib"), file("lib/x")),
            List.of("lib -> usr/lib", "usr/", "usr/lib/", "usr/lib/x")),
        new UnpackCase(
            List.of(directory("b"), symlink("a", "/b"), file("a/c/x")),
            List.of("a -> /b", "b/", "b/c/", "b/c/x")),
        new UnpackCase(
            List.of(
                directory("d/e"), symlink("d/f", "../d/./e//"), symlink("g", "d/f"), file("g/x")),
            List.of("d/", "d/e/", "d/e/x", "d/f -> ../d/./e//", "g -> d/f")),
        new UnpackCase(
            List.of(directory("b"), symlink("c/a", "../../../b"), file("c/a/x")),
            List.of("b/", "b/x", "c/", "c/a -> ../../../b")),
        new UnpackCase(
            List.of(directory("b"), symlink("a", "b"), directory("a")), List.of("a/", "b/")),
        // Hard links.
        new UnpackCase(
            List.of(file("a"), link("b", "a"), link("c/d", "./b")),
            List.of("a x3", "b x3", "c/", "c/d x3")),
        new UnpackCase(List.of(file("a"), link("b", "/a"), file("a")), List.of("a", "b")),
        new UnpackCase(
            List.of(symlink("a", "nowhere"), link("b", "a")),
            List.of("a -> nowhere x2", "b -> nowhere x2")),
        new UnpackCase(
            List.of(directory("d"), symlink("l", "d"), file("d/a"), link("b", "l/a")),
            List.of("b x2", "d/", "d/a x2", "l -> d")),
        new UnpackCase(List.of(file("d/a"), link("b", "d/a"), file("d")), List.of("b", "d")),
        // Whiteouts.
        new UnpackCase(List.of(file("d/.wh.a")), List.of("d/ origin", "d/a whiteout")),
        new UnpackCase(List.of(file("d/.wh..wh..opq")), List.of("d/ opaque")),
        new UnpackCase(
            List.of(file("d/.wh..wh..opq"), directory("d"), file("d/b")),
            List.of("d/ opaque", "d/b")),
        new UnpackCase(
            List.of(file("d/.wh.a"), file("d/.wh..wh..opq")),
            List.of("d/ opaque origin", "d/a whiteout")),
        new UnpackCase(List.of(file("d/.wh.a"), file("d/a")), List.of("d/", "d/a")),
        new UnpackCase(
            List.of(file("d/a"), TestEntry.device("d/a", EntryType.CHARACTER_DEVICE, 0, 0)),
            List.of("d/ origin", "d/a whiteout")),
        new UnpackCase(List.of(file("d/.wh.a"), file("d"), directory("d")), List.of("d/")),
        new UnpackCase(
            List.of(directory("e"), symlink("d", "e"), file("d/.wh.a")),
            List.of("d -> e", "e/ origin", "e/a whiteout")));
  }

  /** What containerd unpacks to something else or not at all. */
  static Stream<UnpackCase> otherwise() {
    return Stream.of(
        // It sets the time of a directory at the end, which is no more then.
        new UnpackCase(List.of(directory("a"), file("a/b"), symlink("a", "x")), List.of("a -> x")),
        // A whiteout of what is there: it fails.
        new UnpackCase(List.of(file("d/a"), file("d/.wh.a")), List.of("d/", "d/a")),
        new UnpackCase(
            List.of(file("d/a/b"), file("d/.wh.a")), List.of("d/", "d/a/ opaque", "d/a/b")),
        // What comes after its whiteout shows what lower layers have.
        new UnpackCase(List.of(file("d/.wh.a"), directory("d/a")), List.of("d/", "d/a/ opaque")),
        new UnpackCase(
            List.of(file("d/.wh.a"), directory("d/a"), file("d/.wh.b")),
            List.of("d/ origin", "d/a/ opaque", "d/b whiteout")),
        // Notes of aufs: whiteouts of names that begin with .wh.
        new UnpackCase(
            List.of(
                directory(".wh..wh.plnk"),
                file(".wh..wh.plnk/1.2"),
                file("d/.wh..wh.aufs"),
                file("a")),
            List.of("a")));
  }
}
