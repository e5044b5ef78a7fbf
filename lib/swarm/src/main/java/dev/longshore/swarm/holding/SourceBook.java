package dev.longshore.swarm.holding;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers where each blob came from, across restarts. Thread-safe.
 *
 * <p>A text file with a line {@code digest registry repository} for each blob, appended to; a later
 * line wins, a torn one is skipped. A lost line costs an announcement, never a byte.
 */
public final class SourceBook {
  private static final Logger log = LoggerFactory.getLogger(SourceBook.class);

  private static final int MOST = 100_000;

  /** More than the lines of a book can be. */
  private static final long MOST_BYTES = 128 << 20;

  /** What a registry or a repository may look like; a tracker hangs up on what is much longer. */
  private static final Pattern NAME = Pattern.compile("[!-~]{1,255}");

  private final Path file;
  private final Map<Digest, SourceRef> sources = new LinkedHashMap<>(); // guarded by this
  private int lines; // guarded by this
  private boolean torn; // whether the last line may lack its end; guarded by this

  private SourceBook(Path file) {
    this.file = file;
  }

  /** Reads the book, or begins it. Writes nothing: the disk may be full. */
  public static SourceBook open(Path file) throws IOException {
    SourceBook book = new SourceBook(file);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    book.read();
    return book;
  }

  /** Where a blob came from. */
  public synchronized Optional<SourceRef> source(Digest blob) {
    return Optional.ofNullable(sources.get(blob));
  }

  /** Notes where a blob comes from. */
  public void note(Digest blob, SourceRef source) throws IOException {
    note(List.of(blob), source);
  }

  /** Notes where these blobs come from, such as those of a manifest, in one write. */
  public synchronized void note(Collection<Digest> blobs, SourceRef source) throws IOException {
    List<String> fresh = new ArrayList<>();
    for (Digest blob : blobs) {
      if (!source.equals(sources.put(blob, source))) {
        fresh.add(line(blob, source));
      }
    }
    if (fresh.isEmpty()) {
      return;
    }
    if (lines + fresh.size() > 2 * MOST) {
      rewrite();
    } else {
      append(fresh);
    }
  }

  /** A torn line is ended first, or the first of these would be glued to it. */
  private synchronized void append(List<String> fresh) throws IOException {
    String text = (torn ? "\n" : "") + String.join("", fresh);
    torn = true; // until it is seen that all of it was written
    lines += fresh.size();
    Files.writeString(
        file, text, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    torn = false;
  }

  private synchronized void read() throws IOException {
    String text;
    try {
      if (Files.size(file) > MOST_BYTES) {
        log.warn(
            "{} is no book of sources: it has {} bytes; beginning anew", file, Files.size(file));
        lines = 2 * MOST; // the next note writes it anew
        return;
      }
      // Not strictly UTF-8: a torn line may hold anything.
      text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return;
    }
    torn = !text.isEmpty() && !text.endsWith("\n");
    List<String> found = text.lines().toList();
    lines = found.size();
    for (String line : found) {
      String[] parts = line.split(" ", -1);
      if (parts.length == 3
          && NAME.matcher(parts[1]).matches()
          && NAME.matcher(parts[2]).matches()) {
        Digest.tryParse(parts[0])
            .ifPresent(blob -> sources.put(blob, new SourceRef(parts[1], parts[2])));
      }
    }
  }

  private synchronized void rewrite() throws IOException {
    var oldest = sources.entrySet().iterator();
    while (sources.size() > MOST) {
      oldest.next();
      oldest.remove();
    }
    StringBuilder text = new StringBuilder();
    sources.forEach((blob, source) -> text.append(line(blob, source)));
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(beside, text);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
    lines = sources.size();
    torn = false;
  }

  private static String line(Digest blob, SourceRef source) {
    return blob + " " + source.registry() + " " + source.repository() + "\n";
  }
}
