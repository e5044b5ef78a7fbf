package dev.longshore.layer.tree;

import dev.longshore.layer.RawText;
import dev.longshore.layer.Shell;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.TarEntry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Images of layers made by hand: an OCI layout in a tar file. */
final class LayeredImage {
  private LayeredImage() {}

  /** Writes images, each of its own layers, as {@code images.tar} of a folder. */
  static void write(List<List<List<TarEntry>>> images, Path place) throws Exception {
    Path blobs = Files.createDirectories(place.resolve("oci/blobs/sha256"));
    List<String> manifests = new ArrayList<>();
    for (List<List<TarEntry>> layers : images) {
      String more =
          """
          , "annotations": {"io.containerd.image.name": "example.test/case:v%d"}
          """
              .formatted(manifests.size());
      String manifest = manifest(layers, blobs);
      manifests.add(
          descriptor(
              "manifest.v1+json", blob(blobs, RawText.bytes(manifest)), manifest.length(), more));
    }
    String index =
        """
        {"schemaVersion": 2, "manifests": [%s]}
        """
            .formatted(String.join(",", manifests));
    Files.writeString(place.resolve("oci/index.json"), index);
    Files.writeString(place.resolve("oci/oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
    Shell.run(place, "tar -C oci -cf images.tar oci-layout index.json blobs");
  }

  private static String manifest(List<List<TarEntry>> layers, Path blobs) throws Exception {
    List<String> descriptors = new ArrayList<>();
    List<String> digests = new ArrayList<>();
    for (List<TarEntry> entries : layers) {
      byte[] layer = tar(entries);
      String digest = blob(blobs, layer);
      digests.add("\"" + digest + "\"");
      descriptors.add(descriptor("layer.v1.tar", digest, layer.length, ""));
    }
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    String config =
        """
        {"architecture": "%s", "os": "linux", "config": {},
         "rootfs": {"type": "layers", "diff_ids": [%s]}}
        """
            .formatted(architecture, String.join(",", digests));
    return """
    {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
     "config": %s, "layers": [%s]}
    """
        .formatted(
            descriptor("config.v1+json", blob(blobs, RawText.bytes(config)), config.length(), ""),
            String.join(",", descriptors));
  }

  private static String blob(Path blobs, byte[] bytes) throws Exception {
    String hex = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    Files.write(blobs.resolve(hex), bytes);
    return "sha256:" + hex;
  }

  private static String descriptor(String type, String digest, int size, String more) {
    return """
    {"mediaType": "application/vnd.oci.image.%s", "digest": "%s", "size": %d%s}\
    """
        .formatted(type, digest, size, more);
  }

  /** Headers of ustar; no entry has data or a long name. */
  private static byte[] tar(List<TarEntry> entries) {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    for (TarEntry entry : entries) {
      byte[] block = new byte[512];
      put(block, 0, entry.path());
      put(block, 100, "%07o".formatted(entry.mode()));
      put(block, 108, "0000000");
      put(block, 116, "0000000");
      put(block, 124, "00000000000");
      put(block, 136, "00000000000");
      put(block, 156, type(entry.type()));
      put(block, 157, entry.target());
      put(block, 257, "ustar\00000");
      put(block, 329, "0000000");
      put(block, 337, "0000000");
      Arrays.fill(block, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte b : block) {
        sum += b & 0xff;
      }
      put(block, 148, "%06o\0".formatted(sum));
      tar.writeBytes(block);
    }
    tar.writeBytes(new byte[1024]);
    return tar.toByteArray();
  }

  private static void put(byte[] block, int at, String text) {
    System.arraycopy(RawText.bytes(text), 0, block, at, text.length());
  }

  private static String type(EntryType type) {
    return switch (type) {
      case FILE -> "0";
      case HARD_LINK -> "1";
      case SYMLINK -> "2";
      case CHARACTER_DEVICE -> "3";
      case BLOCK_DEVICE -> "4";
      case DIRECTORY -> "5";
      case FIFO -> "6";
    };
  }
}
