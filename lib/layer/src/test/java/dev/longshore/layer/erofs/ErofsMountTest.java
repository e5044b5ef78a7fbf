package dev.longshore.layer.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.Kernel;
import dev.longshore.layer.RawText;
import dev.longshore.layer.Shell;
import dev.longshore.layer.TestEntry;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as the kernel and {@code fsck.erofs} see them, beside what GNU tar unpacks. */
@Tag("node")
final class ErofsMountTest {

  private static final String NASTY =
      """
      umask 022
      long=$(printf 'n%.0s' {1..255})
      mkdir -p "$long" many deep utf 'sp ace' "$(printf 'non\\xff\\xfeutf\\x01')"
      echo 1 >"$long/$long"; echo 2 >"$(printf 'non\\xff\\xfeutf\\x01')/$(printf '\\x80')"
      echo 3 >'!before-dot'; echo 4 >'-dash'; echo 5 >'.hidden'; echo 6 >$'new\\nline'
      (cd many && seq -f 'name-%05g' 1000 | xargs touch)
      mkdir block; (cd block; touch {10..24}"${long:2}" "$(printf 'z%.0s' {1..52})")
      d=deep; for i in $(seq 300); do d=$d/d$i; done; mkdir -p "$d"; echo deep >"$d/file"
      for s in 0 1 2 511 512 4095 4096 4097 8191 8192 8193 1048576 1048577; do
        head -c $s /dev/urandom >size-$s
      done
      truncate -s 5000000 sparse; printf x | dd of=sparse bs=1 seek=3000000 conv=notrunc status=none
      truncate -s 70000 hole
      echo h >hard1; ln hard1 hard2; ln hard1 many/hard3
      ln -s nowhere link; ln link link2; ln -s "$(printf 'p/%.0s' {1..2000})" far
      ln -s "$(printf '/x%.0s' {1..2047})y" farthest
      mkfifo fifo; mknod null c 1 3; mknod disk b 259 1048575; mknod big c 4095 256
      touch setuid setgid; chmod 4755 setuid; chmod 2711 setgid; mkdir sticky; chmod 1777 sticky
      chmod 0 hard1; chmod 0 sp*
      touch -d '1969-12-31 23:59:59.123456789 UTC' size-1
      touch -d '1901-01-01 00:00:00.5 UTC' size-2
      touch -d '2100-02-03 04:05:06.999999999 UTC' size-511
      touch -h -d '2001-01-01 00:00:00.000000001 UTC' link far
      chown 1:2 size-512; chown -h 4294967294:65536 link; chown 70000:4294967294 many
      touch -d '2020-02-02 02:02:02.02 UTC' .
      """;

  private static final String ACL =
      acl(0x01, 7, -1)
          + acl(0x02, 6, 1000)
          + acl(0x04, 5, -1)
          + acl(0x10, 7, -1)
          + acl(0x20, 4, -1);

  @TempDir Path place;

  /** JUnit would warn of each symlink that leads out of here. */
  @AfterEach
  void delete() throws Exception {
    Shell.run(place, "rm -rf --one-file-system source unpacked");
  }

  @Test
  void mount_nastyTree_showsWhatTarUnpacks() throws Exception {
    Path source = Files.createDirectory(place.resolve("source"));
    Shell.run(source, NASTY);
    giveXattrs(source.toString());
    Shell.run(
        place, "tar --format=posix -S --xattrs --xattrs-include='*' -C source -cf layer.tar .");

    assertMountShowsWhatTarUnpacks();
  }

  private static void giveXattrs(String source) throws Exception {
    Kernel.setXattr(source + "/size-0", "user.empty", "");
    Kernel.setXattr(source + "/size-0", "user.a", "1");
    Kernel.setXattr(source + "/size-0", "user." + "n".repeat(250), "\0\u00ff\n=");
    Kernel.setXattr(source + "/size-0", "trusted.t", "2");
    Kernel.setXattr(source + "/size-1", "user.large", "v".repeat(3_000));
    Kernel.setXattr(
        source + "/size-4096", "security.capability", "\1\0\0\2\0\4\0\0" + "\0".repeat(12));
    Kernel.setXattr(source + "/many", "user.directory", "3");
    Kernel.setXattr(source + "/link", "trusted.link", "4");
    Kernel.setXattr(source + "/fifo", "security.fifo", "5");
    Kernel.setXattr(source, "user.root", "6");
    Kernel.setXattr(source + "/setgid", "system.posix_acl_access", "\2\0\0\0" + ACL);
    Kernel.setXattr(source + "/sticky", "system.posix_acl_default", "\2\0\0\0" + ACL);
  }

  private static String acl(int tag, int permissions, int id) {
    byte[] bytes = {
      (byte) tag,
      0,
      (byte) permissions,
      0,
      (byte) id,
      (byte) (id >> 8),
      (byte) (id >> 16),
      (byte) (id >> 24)
    };
    return RawText.of(bytes);
  }

  /** What every Debian machine has: thousands of files, symlinks and hard links. */
  @Test
  void mount_treeOfThisMachine_showsWhatTarUnpacks() throws Exception {
    Shell.run(
        place,
        "tar --format=posix --xattrs --xattrs-include='*' -C /usr -cf layer.tar"
            + " --no-recursion . --recursion sbin --no-recursion share"
            + " --recursion share/perl5 share/zoneinfo");

    assertMountShowsWhatTarUnpacks();
  }

  @Test
  void mount_layerWithoutData_needsNoDevice() throws Exception {
    Path source = Files.createDirectory(place.resolve("source"));
    Shell.run(source, "mkdir -p a/b; ln -s b a/c; touch a/empty");
    Shell.run(place, "tar --format=posix -C source -cf layer.tar .");

    assertMountShowsWhatTarUnpacks();
  }

  /** The way of kernels before 6.12, which mount block devices only. */
  @Test
  void mount_throughLoopDevices_showsTheSame() throws Exception {
    List<TarEntry> entries =
        List.of(TestEntry.file("d/a", 3, 3), TestEntry.sparse("d/hole", 70_000, List.of()));
    Path stream = Files.writeString(place.resolve("stream"), "abcxyz");
    Path mount = Files.createDirectory(place.resolve("loop-mount"));
    List<String> loops = new ArrayList<>();
    try (MountedLayer layer = MountedLayer.of(entries, stream, place.resolve("layer"))) {
      for (String file : List.of("meta.erofs", "data")) {
        loops.add(Shell.run(layer.place(), "losetup --find --show --read-only " + file).trim());
      }
      Kernel.mountReadOnly(loops.getFirst(), mount, "erofs", "device=" + loops.getLast());
      try {
        TreeListing.assertSame(mount, layer.folder());
        assertThat(mount.resolve("d/a")).hasContent("xyz");
      } finally {
        Kernel.unmount(mount);
      }
    } finally {
      for (String loop : loops) {
        Shell.run(place, "losetup --detach " + loop);
      }
    }
  }

  private void assertMountShowsWhatTarUnpacks() throws Exception {
    Path unpacked = Files.createDirectory(place.resolve("unpacked"));
    Shell.run(unpacked, "tar --numeric-owner --xattrs --xattrs-include='*' -xpf ../layer.tar");
    Path tar = place.resolve("layer.tar");
    try (MountedLayer layer = MountedLayer.of(tar, place.resolve("layer"))) {
      TreeListing.assertSame(layer.folder(), unpacked);
      fsck(layer);
    }
  }

  @Test
  void mount_hundredThousandNamesInADirectory_listsThemInOrder() throws Exception {
    List<TarEntry> entries = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      entries.add(TestEntry.file("d/name-%06d".formatted(i)));
    }
    try (MountedLayer layer = MountedLayer.of(entries, place.resolve("layer"))) {
      assertThat(Shell.run(layer.folder(), "ls -U d | sha256sum; ls -U d | sort -c"))
          .isEqualTo(Shell.run(place, "seq -f 'name-%06g' 0 99999 | sha256sum"));
      assertThat(Shell.run(layer.folder(), "stat -c %n d/name-000000 d/name-053171 d/name-099999"))
          .isEqualTo("d/name-000000\nd/name-053171\nd/name-099999\n");
      assertThat(layer.folder().resolve("d/name-100000")).doesNotExist();
      fsck(layer);
    }
  }

  @Test
  void mount_largestSizes_areThere() throws Exception {
    long far = (1L << 40) - 3;
    String large = "v".repeat(65_535);
    List<TarEntry> entries =
        List.of(
            TestEntry.sparse("hole", 1L << 55, List.of()),
            TestEntry.sparse(
                "sparse", 1L << 40, List.of(new Segment(5, 0, 3), new Segment(far, 3, 3))),
            TestEntry.file("xattr", 0644, Map.of("user.a", large, "user.b", "2")));
    Path tar = Files.writeString(place.resolve("data-of-files"), "abcxyz");
    try (MountedLayer layer = MountedLayer.of(entries, tar, place.resolve("layer"))) {
      assertThat(Files.size(layer.folder().resolve("hole"))).isEqualTo(1L << 55);
      assertThat(read(layer.folder().resolve("hole"), (1L << 55) - 6)).isEqualTo("\0".repeat(6));
      assertThat(read(layer.folder().resolve("sparse"), 3)).isEqualTo("\0\0abc\0");
      assertThat(read(layer.folder().resolve("sparse"), far - 3)).isEqualTo("\0\0\0xyz");
      assertThat(Kernel.xattrs(layer.folder().resolve("xattr").toString()))
          .isEqualTo(Map.of("user.a", large, "user.b", "2"));
      fsck(layer);
    }
  }

  private static String read(Path file, long offset) throws Exception {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(6);
      assertThat(channel.read(bytes, offset)).isEqualTo(6);
      return RawText.of(bytes.array());
    }
  }

  private static void fsck(MountedLayer layer) throws Exception {
    String device = layer.hasDevice() ? "--device=data " : "";
    Shell.run(layer.place(), "fsck.erofs " + device + "meta.erofs");
  }
}
