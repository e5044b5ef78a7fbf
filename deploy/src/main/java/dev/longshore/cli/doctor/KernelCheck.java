package dev.longshore.cli.doctor;

import dev.longshore.cli.process.FileTree;
import dev.longshore.lazy.device.DeviceChoice;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.keeper.DeviceProbe;
import dev.longshore.lazy.kernel.Mounts;
import dev.longshore.service.net.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the kernel offers: by mounting a small layer if this is root, else by what it says. */
final class KernelCheck {
  private static final Path USER_NAMESPACES = Path.of("/proc/sys/user/max_user_namespaces");
  private static final Path LOOP_CONTROL = Path.of("/dev/loop-control");
  private static final Path FUSE = Path.of("/dev/fuse");
  private static final Path FUSE_SETTINGS = Path.of("/proc/sys/fs/fuse");

  private final KernelVersion version;
  private final String release;
  private final boolean root;
  private final Path folder;
  private final List<Finding> findings = new ArrayList<>();
  private @Nullable DeviceKind device;

  /**
   * A check that has not begun.
   *
   * @param root whether mounts can be tried
   * @param folder on the file system where layers will be; what is tried is below it
   */
  KernelCheck(String release, boolean root, Path folder) {
    this.release = release;
    this.version = KernelVersion.parse(release);
    this.root = root;
    this.folder = folder;
  }

  List<Finding> run() throws IOException {
    findings.add(Finding.ok("kernel", "Linux " + release));
    if (root) {
      DeviceProbe probe = DeviceProbe.run(folder.resolve("longshore-doctor"));
      erofs(probe);
      lazy("fanotify", DeviceKind.FANOTIFY, probe, "needs Linux 6.14");
      lazy("fuse", DeviceKind.FUSE, probe, "needs /dev/fuse and the right to mount");
      fuseTimeouts();
      device(probe);
      overlayfs();
    } else {
      untried();
    }
    loop();
    userNamespaces();
    idMappedMounts();
    for (Transport.Kind kind :
        new Transport.Kind[] {Transport.Kind.EPOLL, Transport.Kind.IO_URING}) {
      transport(kind);
    }
    return findings;
  }

  /** The kind of device that the snapshotter would use; empty when none works or none was tried. */
  Optional<DeviceKind> device() {
    return Optional.ofNullable(device);
  }

  private void erofs(DeviceProbe probe) {
    Optional<String> failure = probe.failure(DeviceKind.PLAIN);
    if (failure.isPresent()) {
      findings.add(
          Finding.failed(
              "erofs",
              failure.get(),
              "load or build the kernel's erofs module (Linux 5.16 or later); until then the"
                  + " snapshotter leaves every layer to containerd"));
    } else {
      findings.add(
          Finding.ok(
              "erofs", "mounts " + (probe.needsLoops() ? "through loop devices" : "from files")));
    }
  }

  private void lazy(String check, DeviceKind kind, DeviceProbe probe, String need) {
    Optional<String> failure = probe.failure(kind);
    findings.add(
        failure.isPresent()
            ? Finding.absent(check, failure.get(), need)
            : Finding.ok(check, "a file was filled while it was read"));
  }

  /** Since Linux 6.15 an administrator can have the kernel end a FUSE mount that answers late. */
  private void fuseTimeouts() throws IOException {
    for (String setting : List.of("default_request_timeout", "max_request_timeout")) {
      Path file = FUSE_SETTINGS.resolve(setting);
      if (Files.exists(file)
          && !Files.readString(file, StandardCharsets.UTF_8).strip().equals("0")) {
        findings.add(
            Finding.absent(
                "fuse timeout",
                file + " is not 0: a layer that waits longer for its bytes is lost",
                "set it to 0 on nodes that use fuse"));
      }
    }
  }

  private void device(DeviceProbe probe) throws IOException {
    Optional<DeviceKind> chosen = probe.choose(DeviceChoice.AUTO);
    device = chosen.orElse(null);
    findings.add(
        chosen
            .map(kind -> Finding.ok("lazy layers", described(kind)))
            .orElseGet(() ->
                Finding.failed(
                    "lazy layers",
                    "no layer can be mounted here",
                    "see what is said of erofs; the mirror works without")));
  }

  private static String described(DeviceKind kind) {
    return switch (kind) {
      case FANOTIFY -> "fanotify: sparse files that are filled when they are read";
      case FUSE -> "fuse: no pre-content events here, so files on FUSE until a layer is complete";
      case PLAIN -> "plain: neither fanotify nor FUSE works, so layers are fetched first";
    };
  }

  private void untried() throws IOException {
    String known = Files.readString(Path.of("/proc/filesystems"), StandardCharsets.UTF_8);
    for (String type : List.of("erofs", "overlay")) {
      boolean there = known.contains("\t" + type + "\n");
      findings.add(
          Finding.untried(
              type.equals("overlay") ? "overlayfs" : type,
              (there ? "the kernel has it" : "not loaded") + "; not tried, which takes root"));
    }
    findings.add(
        Files.exists(FUSE)
            ? Finding.ok("fuse", FUSE + " is there; not tried, which takes root")
            : Finding.absent("fuse", "no " + FUSE, ""));
    findings.add(
        version.isAtLeast(6, 14)
            ? Finding.ok("fanotify", "this version should have it; not tried, which takes root")
            : Finding.absent("fanotify", "no pre-content events", "needs Linux 6.14"));
  }

  private void overlayfs() throws IOException {
    Path work = Files.createTempDirectory(folder, "longshore-doctor-");
    Path point = Files.createDirectory(work.resolve("merged"));
    try {
      List<String> options = new ArrayList<>();
      for (String part : List.of("lowerdir", "upperdir", "workdir")) {
        options.add(part + "=" + Files.createDirectory(work.resolve(part)));
      }
      Mounts.mount("overlay", point, "overlay", 0, String.join(",", options));
      try {
        Files.writeString(point.resolve("file"), "written");
      } finally {
        Mounts.detach(point);
      }
      findings.add(Finding.ok("overlayfs", "mounts on " + Files.getFileStore(work).type()));
    } catch (IOException e) {
      findings.add(
          Finding.failed(
              "overlayfs",
              String.valueOf(e.getMessage()),
              "choose a --root on ext4, xfs or btrfs, or load the kernel's overlay module"));
    } finally {
      FileTree.delete(work);
    }
  }

  private void loop() {
    findings.add(
        Files.exists(LOOP_CONTROL)
            ? Finding.ok("loop", LOOP_CONTROL + " is there")
            : Finding.absent(
                "loop",
                "no " + LOOP_CONTROL,
                version.isAtLeast(6, 12) ? "" : "EROFS needs it before Linux 6.12"));
  }

  private void userNamespaces() {
    String most = "0";
    try {
      most = Files.readString(USER_NAMESPACES, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      most = "0"; // a kernel without them has no such file
    }
    findings.add(
        most.equals("0")
            ? Finding.absent("user namespaces", "none", "pods with hostUsers: false need them")
            : Finding.ok("user namespaces", "at most " + most));
  }

  private void idMappedMounts() {
    findings.add(
        version.isAtLeast(5, 19)
            ? Finding.ok("id-mapped mounts", "of EROFS and overlayfs, by version")
            : Finding.absent("id-mapped mounts", "not of EROFS and overlayfs", "needs Linux 5.19"));
  }

  private void transport(Transport.Kind kind) {
    String name = kind.name().toLowerCase(Locale.ROOT);
    Throwable reason = kind.whyUnavailable();
    findings.add(
        reason == null
            ? Finding.ok(name, "works")
            : Finding.absent(name, String.valueOf(reason.getMessage()), "daemons use another"));
  }
}
