package dev.longshore.lazy.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is mounted where: {@code /proc/self/mountinfo} (proc(5)). */
public final class MountTable {
  private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");
  private static final int MOUNT_POINT = 4;
  private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

  private MountTable() {}

  /** Where anything is mounted now. */
  public static Set<Path> mountPoints() throws IOException {
    return Files.readAllLines(MOUNT_INFO, StandardCharsets.UTF_8).stream()
        .map(line -> line.split(" ", MOUNT_POINT + 2))
        .filter(fields -> fields.length > MOUNT_POINT)
        .map(fields -> Path.of(unescaped(fields[MOUNT_POINT])))
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String unescaped(String field) {
    return ESCAPED
        .matcher(field)
        .replaceAll(match ->
            Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(match.group(1), 8))));
  }
}
