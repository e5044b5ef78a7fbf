package dev.longshore.agent.upstream;

import dev.longshore.oci.Digest;
import dev.longshore.piece.SignedIndexStatement;
import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manifests, tags, statements on layer indexes and the public mark of repositories on disk, so that
 * they outlive the process.
 *
 * <p>Layout: {@code REGISTRY/REPOSITORY/_manifests/ALGORITHM-HEX} (media type, newline, the bytes),
 * {@code …/_indexes/ALGORITHM-HEX} (of the layer; a signed statement), {@code …/_tags/TAG} (a
 * digest) and {@code …/_public} (empty). A repository's name has no component that starts with an
 * underscore, so the two never meet. No credentials are ever written here.
 */
final class ManifestFolder {
  private static final Logger log = LoggerFactory.getLogger(ManifestFolder.class);
  private static final String MANIFESTS = "_manifests";
  private static final String INDEXES = "_indexes";
  private static final String TAGS = "_tags";
  private static final String PUBLIC = "_public";

  /** Manifests of one repository that {@link #all} reads at most. */
  private static final int MOST_READ = 1_000;

  private final Path root;
  private final int most;
  private int sincePruned; // guarded by this

  /**
   * A folder.
   *
   * @param most manifests and statements to keep; the least recently used ones go first
   */
  ManifestFolder(Path root, int most) throws IOException {
    this.root = root;
    this.most = most;
    Files.createDirectories(root);
    prune();
  }

  Optional<KnownManifest> manifest(SourceRef source, Digest digest) throws IOException {
    Path file = manifestFile(source, digest);
    Optional<KnownManifest> found = read(file, digest);
    if (found.isPresent()) {
      touch(file);
    }
    return found;
  }

  void keep(SourceRef source, KnownManifest manifest) throws IOException {
    byte[] mediaType = (manifest.mediaType() + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] content = new byte[mediaType.length + manifest.bytes().length];
    System.arraycopy(mediaType, 0, content, 0, mediaType.length);
    System.arraycopy(manifest.bytes(), 0, content, mediaType.length, manifest.bytes().length);
    write(manifestFile(source, manifest.digest()), content);
    kept();
  }

  /** What was said of the index of a layer, as it was signed; not checked. */
  Optional<byte[]> statement(SourceRef source, Digest layer) throws IOException {
    Path file = statementFile(source, layer);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] statement = in.readNBytes(SignedIndexStatement.MAX_BYTES + 1);
      touch(file);
      return Optional.of(statement);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void keepStatement(SourceRef source, Digest layer, byte[] signed) throws IOException {
    write(statementFile(source, layer), signed);
    kept();
  }

  void forgetStatement(SourceRef source, Digest layer) throws IOException {
    Files.deleteIfExists(statementFile(source, layer));
  }

  private synchronized void kept() throws IOException {
    sincePruned++;
    if (sincePruned > most / 10) {
      prune();
    }
  }

  /** Every manifest of a repository, newest first, up to a bound. */
  List<KnownManifest> all(SourceRef source) throws IOException {
    List<KnownManifest> found = new ArrayList<>();
    for (Path file : newestFirst(folder(source).resolve(MANIFESTS))) {
      Optional<Digest> digest = Digest.tryParse(file.getFileName().toString().replace('-', ':'));
      if (digest.isPresent() && found.size() < MOST_READ) {
        read(file, digest.get()).ifPresent(found::add);
      }
    }
    return found;
  }

  Optional<Digest> tag(SourceRef source, String tag) throws IOException {
    try {
      return Digest.tryParse(Files.readString(folder(source).resolve(TAGS).resolve(tag)).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void rememberTag(SourceRef source, String tag, Digest digest) throws IOException {
    write(
        folder(source).resolve(TAGS).resolve(tag),
        digest.toString().getBytes(StandardCharsets.UTF_8));
  }

  boolean isPublic(SourceRef source) {
    return Files.exists(folder(source).resolve(PUBLIC));
  }

  void markPublic(SourceRef source, boolean mark) throws IOException {
    Path file = folder(source).resolve(PUBLIC);
    if (mark && !Files.exists(file)) {
      write(file, new byte[0]);
    } else if (!mark) {
      Files.deleteIfExists(file);
    }
  }

  private Path folder(SourceRef source) {
    // Both parts were matched against their grammars when the request was read; a path that leaves
    // the root all the same is a defect, not bad input.
    Path folder = root.resolve(source.registry()).resolve(source.repository()).normalize();
    if (!folder.startsWith(root.normalize()) || folder.getNameCount() < root.getNameCount() + 2) {
      throw new IllegalArgumentException("not a repository name: " + source);
    }
    return folder;
  }

  private Path manifestFile(SourceRef source, Digest digest) {
    return folder(source).resolve(MANIFESTS).resolve(digest.toString().replace(':', '-'));
  }

  private Path statementFile(SourceRef source, Digest layer) {
    return folder(source).resolve(INDEXES).resolve(layer.toString().replace(':', '-'));
  }

  private static Optional<KnownManifest> read(Path file, Digest digest) throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    int end = 0;
    while (end < content.length && content[end] != '\n') {
      end++;
    }
    if (end < content.length) {
      byte[] bytes = Arrays.copyOfRange(content, end + 1, content.length);
      Digest found = Digest.of(digest.algorithm(), digest.algorithm().newHasher().digest(bytes));
      if (found.equals(digest)) {
        String mediaType = new String(content, 0, end, StandardCharsets.UTF_8);
        return Optional.of(new KnownManifest(digest, mediaType, bytes));
      }
    }
    log.warn("{} is damaged (its digest is wrong); it is deleted and will be fetched again", file);
    Files.deleteIfExists(file);
    return Optional.empty();
  }

  /** Written beside and moved into place: after a crash a file is whole or not there. */
  private static void write(Path file, byte[] content) throws IOException {
    Path folder = Objects.requireNonNull(file.getParent());
    Files.createDirectories(folder);
    Path beside = Files.createTempFile(folder, "_", ".new");
    try {
      Files.write(beside, content);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private static void touch(Path file) throws IOException {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (NoSuchFileException e) {
      log.debug("{} was pruned while it was read", file);
    }
  }

  private synchronized void prune() throws IOException {
    sincePruned = 0;
    List<Path> files = newestFirst(root);
    for (Path file : files.subList(Math.min(most, files.size()), files.size())) {
      Files.deleteIfExists(file);
    }
  }

  /** Files of manifests and statements below a folder. */
  private static List<Path> newestFirst(Path below) throws IOException {
    if (!Files.isDirectory(below)) {
      return List.of();
    }
    record Aged(Path file, long modified) {}
    try (Stream<Path> walk = Files.walk(below)) {
      return walk.filter(file ->
              file.getParent() != null
                  && (file.getParent().endsWith(MANIFESTS) || file.getParent().endsWith(INDEXES))
                  && file.getFileName().toString().startsWith("sha"))
          .map(file -> new Aged(file, modified(file)))
          .sorted(Comparator.comparingLong(Aged::modified).reversed())
          .map(Aged::file)
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static long modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return 0; // gone meanwhile: the oldest
    }
  }
}
