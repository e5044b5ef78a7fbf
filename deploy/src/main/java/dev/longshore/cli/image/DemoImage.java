package dev.longshore.cli.image;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.longshore.cli.process.FileTree;
import dev.longshore.oci.Digest;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A runnable image of a few hundred MB, as an OCI layout, made of this machine's JDK and of
 * Longshore's own jars.
 *
 * @param layout the OCI layout directory; it holds this one image
 * @param expectedOutput the line that a container of the image prints
 */
public record DemoImage(Path layout, String expectedOutput) {
  static final String TAG = "demo";

  private static final String DONE = "expected-output";
  private static final Duration UNUSED = Duration.ofDays(1);

  /**
   * The image of the JDK and the class path of this very process, built in {@code cache} unless it
   * is there already; images of earlier inputs are removed a day after their last use.
   *
   * @param progress told what is being done, one line at a time
   */
  public static DemoImage buildOrReuse(Path cache, Consumer<String> progress)
      throws IOException, InterruptedException {
    List<Path> classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.isBlank()) // to java(1) that is the current directory
            .map(Path::of)
            .toList();
    ImageContent content = ImageContent.of(Path.of(System.getProperty("java.home")), classPath);
    Path home = Files.createDirectories(cache.resolve("demo-image"));
    Path lock = cache.resolve("demo-image.lock");
    try (FileChannel channel = FileChannel.open(lock, CREATE, WRITE);
        FileLock _ = channel.lock()) {
      Path folder = home.resolve(fingerprint(content.sources()));
      if (Files.exists(folder.resolve(DONE))) {
        Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
        progress.accept("reusing the image in " + folder);
      } else {
        removeUnused(home);
        build(content, home, folder, progress);
      }
      return of(folder);
    }
  }

  private static void build(ImageContent content, Path home, Path folder, Consumer<String> progress)
      throws IOException, InterruptedException {
    Path unfinished = Files.createTempDirectory(home, "building-");
    new ImageAssembly(unfinished.resolve("layout"), progress).build(content);
    Files.writeString(
        unfinished.resolve(DONE), Greeting.line(Runtime.version().toString(), content.treeSum()));
    Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  private static DemoImage of(Path folder) throws IOException {
    return new DemoImage(folder.resolve("layout"), Files.readString(folder.resolve(DONE)));
  }

  /** Changes whenever a source file's path, size or time does. */
  private static String fingerprint(List<Path> sources) throws IOException {
    MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
    for (Path source : sources) {
      String line =
          source + " " + Files.size(source) + " " + Files.getLastModifiedTime(source) + "\n";
      hasher.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(hasher.digest()).substring(0, 16);
  }

  /** Another checkout's demo may be running on another image just now: only old ones go. */
  private static void removeUnused(Path home) throws IOException {
    Instant limit = Instant.now().minus(UNUSED);
    try (Stream<Path> images = Files.list(home)) {
      for (Path image : images.toList()) {
        if (Files.getLastModifiedTime(image).toInstant().isBefore(limit)) {
          FileTree.delete(image);
        }
      }
    }
  }
}
