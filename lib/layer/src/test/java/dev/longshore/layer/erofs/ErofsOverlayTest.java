package dev.longshore.layer.erofs;

import static dev.longshore.layer.TestEntry.directory;
import static dev.longshore.layer.TestEntry.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.Kernel;
import dev.longshore.layer.Shell;
import dev.longshore.layer.TestEntry;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.TarEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whiteouts and opaque directories of an EROFS layer as overlayfs over two of them takes them. */
@Tag("node")
final class ErofsOverlayTest {

  private static final List<TarEntry> LOWER =
      List.of(
          file("merged/gone"),
          file("merged/kept"),
          file("opaque/gone"),
          file("replaced/gone"),
          file("removed/gone"),
          file("elsewhere/secret"));

  private static final List<TarEntry> UPPER =
      List.of(
          file("merged/.wh.gone"),
          file("merged/new"),
          file("opaque/.wh..wh..opq"),
          file("opaque/new"),
          file(".wh.replaced"),
          file("replaced/new"),
          file(".wh.removed"),
          file("only-here/.wh.never"),
          file("only-here/new"),
          TestEntry.device("only-here/device", EntryType.CHARACTER_DEVICE, 0, 0),
          file("both-ways/.wh.a"),
          file("both-ways/a"),
          directory("both-ways"),
          TestEntry.of(
              "redirected",
              EntryType.DIRECTORY,
              0755,
              "",
              Map.of("trusted.overlay.redirect", "/elsewhere")));

  @TempDir Path place;

  @Test
  void overlay_ofTwoLayers_hidesWhatTheUpperOneDoes() throws Exception {
    Path merged = Files.createDirectory(place.resolve("merged"));
    try (MountedLayer lower = MountedLayer.of(LOWER, place.resolve("lower/layer"));
        MountedLayer upper = MountedLayer.of(UPPER, place.resolve("upper/layer"))) {
      Kernel.mountReadOnly(
          "overlay",
          merged,
          "overlay",
          "redirect_dir=follow,lowerdir=%s:%s".formatted(upper.folder(), lower.folder()));
      try {
        assertThat(Shell.run(merged, "find . -mindepth 1 -printf '%p %y\\n' | sort"))
            .isEqualTo(
                """
                ./both-ways d
                ./both-ways/a f
                ./elsewhere d
                ./elsewhere/secret f
                ./merged d
                ./merged/kept f
                ./merged/new f
                ./only-here d
                ./only-here/new f
                ./opaque d
                ./opaque/new f
                ./redirected d
                ./replaced d
                ./replaced/new f
                """);
        assertThat(Shell.run(merged, "stat only-here/never 2>&1 || true"))
            .contains("No such file or directory");
      } finally {
        Kernel.unmount(merged);
      }
    }
  }

  /** Says when the attribute that makes overlayfs look for whiteouts is no longer needed. */
  @Test
  void overlay_whiteoutWithoutOrigin_showsItsNameInADirectoryOfOneLayer() throws Exception {
    Path merged = Files.createDirectory(place.resolve("merged"));
    Shell.run(place, "mkdir -p lower upper/only-here; mknod upper/only-here/never c 0 0");
    Kernel.mountReadOnly(
        "overlay",
        merged,
        "overlay",
        "lowerdir=%s:%s".formatted(place.resolve("upper"), place.resolve("lower")));
    try {
      assertThat(Shell.run(merged, "ls -U only-here")).isEqualTo("never\n");
    } finally {
      Kernel.unmount(merged);
    }
  }
}
