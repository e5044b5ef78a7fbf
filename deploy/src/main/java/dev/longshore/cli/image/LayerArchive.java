package dev.longshore.cli.image;

import dev.longshore.oci.Digest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * A layer as a registry stores it: a gzip-compressed tar archive.
 *
 * @param file where it is
 * @param digest of the compressed bytes, which names the blob
 * @param size of the compressed bytes
 * @param diffId digest of the tar archive itself (OCI image-spec, config.md, "diff_ids")
 */
record LayerArchive(Path file, Digest digest, long size, Digest diffId) {

  /** Packs the entries in their order into {@code file}. */
  static LayerArchive write(Path file, List<LayerEntry> entries) throws IOException {
    try (HashedOutput compressed =
            new HashedOutput(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20));
        HashedOutput archive = new HashedOutput(new FastGzip(compressed))) {
      try (TarWriter tar = new TarWriter(archive)) {
        for (LayerEntry entry : entries) {
          tar.add(entry);
        }
      }
      return new LayerArchive(file, compressed.digest(), compressed.size(), archive.digest());
    }
  }

  /** Level 1: a demo must not spend its time in the compressor. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
