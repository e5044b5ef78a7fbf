package dev.longshore.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What containerd's configuration says of mirrors and snapshotters.
 *
 * <p>Reads TOML as containerd's own files and manuals write it: one table header or one {@code key
 * = "text"} a line. What is written otherwise is not seen.
 *
 * @param entries in the order of the files
 */
record ContainerdConfig(List<Entry> entries) {
  private static final Pattern TABLE = Pattern.compile("\\[+\\s*(.+?)\\s*]+\\s*(#.*)?");
  private static final Pattern TEXT =
      Pattern.compile("([\\w-]+)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)')\\s*(#.*)?");
  private static final Pattern PROXY_PLUGIN =
      Pattern.compile("proxy_plugins\\.[\"']?([\\w-]+)[\"']?");

  /** A text value. */
  record Entry(String table, String key, String value) {}

  /**
   * Reads {@code config.toml} and {@code conf.d} below this folder; none of them is an empty one.
   */
  static ContainerdConfig read(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    Path main = folder.resolve("config.toml");
    if (Files.exists(main)) {
      parse(Files.readString(main, StandardCharsets.UTF_8), entries);
    }
    Path more = folder.resolve("conf.d");
    if (Files.isDirectory(more)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(more, "*.toml")) {
        for (Path file : files) {
          parse(Files.readString(file, StandardCharsets.UTF_8), entries);
        }
      }
    }
    return new ContainerdConfig(List.copyOf(entries));
  }

  private static void parse(String content, List<Entry> entries) {
    String table = "";
    for (String raw : content.lines().toList()) {
      String line = raw.strip();
      Matcher header = TABLE.matcher(line);
      Matcher text = TEXT.matcher(line);
      if (header.matches()) {
        table = header.group(1);
      } else if (text.matches()) {
        String value = text.group(2) == null ? text.group(3) : text.group(2);
        entries.add(new Entry(table, text.group(1), value));
      }
    }
  }

  /** The folders that have a folder with {@code hosts.toml} for each registry. */
  List<Path> hostFolders() {
    return entries.stream()
        .filter(entry -> entry.key().equals("config_path"))
        .filter(entry -> entry.table().contains("registry"))
        .flatMap(entry -> List.of(entry.value().split(":", -1)).stream())
        .filter(folder -> !folder.isBlank())
        .map(Path::of)
        .toList();
  }

  /** The name of the snapshotter plugin at this address. */
  Optional<String> pluginAt(Path socket) {
    return entries.stream()
        .filter(entry -> entry.key().equals("address") && entry.value().equals(socket.toString()))
        .map(entry -> PROXY_PLUGIN.matcher(entry.table()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1))
        .findFirst();
  }

  /** Whether something is told to use this snapshotter. */
  boolean uses(String snapshotter) {
    return entries.stream()
        .anyMatch(entry -> entry.key().equals("snapshotter") && entry.value().equals(snapshotter));
  }
}
