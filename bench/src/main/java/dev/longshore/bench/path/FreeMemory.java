package dev.longshore.bench.path;

import dev.longshore.bench.content.LargeBlob;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes sure that the kernel has free memory at hand that the host has already given to the
 * machine. On a virtual machine that gives freed pages back, writing to a page for the first time
 * costs several times what the write itself does, and who pays for it would be chance.
 */
final class FreeMemory {
  private final Path file;
  private final LargeBlob content;

  FreeMemory(Path folder, long size) {
    this.file = folder.resolve("free-memory");
    this.content = new LargeBlob(size, 2);
  }

  /** Fills the page cache with a file and deletes it. */
  void provide() throws IOException {
    try (InputStream in = content.open(0);
        OutputStream out = Files.newOutputStream(file)) {
      in.transferTo(out);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
