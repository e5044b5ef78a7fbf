package dev.longshore.bench.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A layer made of what this machine has installed: programs, libraries, Python, documents. */
final class MachineLayer {
  private static final List<String> PARTS =
      List.of("usr/bin", "usr/lib/python3", "usr/lib/python3.11", "usr/share/doc", "etc");

  private MachineLayer() {}

  /** Packs it with GNU tar and gzip, as an image builder does. */
  static Path make(Path folder) throws IOException, InterruptedException {
    Path layer = folder.resolve("layer.tar.gz");
    List<String> parts = new ArrayList<>();
    for (String part : PARTS) {
      if (Files.exists(Path.of("/", part))) {
        parts.add(part);
      }
    }
    String pack =
        "tar --sort=name -C / -cf - %s | gzip -6 > %s".formatted(String.join(" ", parts), layer);
    int code = new ProcessBuilder("sh", "-c", pack).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("packing a layer failed with code " + code);
    }
    return layer;
  }
}
