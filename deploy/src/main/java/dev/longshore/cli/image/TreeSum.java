package dev.longshore.cli.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One hash over the names and contents of a set of files. */
final class TreeSum {
  private TreeSum() {}

  /** The hash of every regular file under {@code root}, named relative to it. */
  static String of(Path root) throws IOException {
    SortedMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      walk.filter(Files::isRegularFile)
          .forEach(file -> files.put(root.relativize(file).toString(), file));
    }
    return of(files);
  }

  /** The hash of these files, each under the name that it is given here. */
  static String of(SortedMap<String, Path> files) throws IOException {
    MessageDigest hasher = sha256();
    byte[] buffer = new byte[1 << 16];
    for (var file : files.entrySet()) {
      hasher.update(
          (file.getKey() + "\0" + Files.size(file.getValue()) + "\0")
              .getBytes(StandardCharsets.UTF_8));
      try (InputStream in = Files.newInputStream(file.getValue())) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          hasher.update(buffer, 0, n);
        }
      }
    }
    return HexFormat.of().formatHex(hasher.digest()).substring(0, 16)
        + " of "
        + files.size()
        + " files";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
