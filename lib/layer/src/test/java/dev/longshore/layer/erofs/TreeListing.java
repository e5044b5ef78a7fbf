package dev.longshore.layer.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.Kernel;
import dev.longshore.layer.RawText;
import dev.longshore.layer.Shell;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** All that can be seen of a mounted tree, one line a name, for comparison with another. */
final class TreeListing {

  /** Sizes and link counts of directories are each file system's own business. */
  private static final String LIST =
      """
      find . -type d -printf '%P\\t%y %m %U:%G %T@\\0' -o -printf '%P\\t%y %m %U:%G %T@ x%n %s %l\\0' \
        | LC_ALL=C sort -z
      """;

  private static final String DEVICES =
      "find . \\( -type b -o -type c \\) -exec stat -c '%n %t:%T' {} + | LC_ALL=C sort";

  private static final String CONTENTS =
      "find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum";

  private TreeListing() {}

  /** Fails with what differs, and no more than that, if two trees are not the same. */
  static void assertSame(Path actual, Path expected) throws Exception {
    List<String> lines = of(actual);
    List<String> expectedLines = of(expected);
    List<String> missing = new ArrayList<>(expectedLines);
    missing.removeAll(new HashSet<>(lines));
    List<String> surplus = new ArrayList<>(lines);
    surplus.removeAll(new HashSet<>(expectedLines));
    assertThat(surplus).as("is, and should not be").isEmpty();
    assertThat(missing).as("should be, and is not").isEmpty();
    assertThat(lines).hasSameSizeAs(expectedLines).hasSizeGreaterThan(1);
  }

  private static List<String> of(Path folder) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : Shell.run(folder, LIST).split("\0", -1)) {
      if (line.isEmpty()) {
        continue; // behind the last
      }
      String name = line.substring(0, line.indexOf('\t'));
      String path = RawText.ofUtf8(folder.toString()) + (name.isEmpty() ? "" : "/" + name);
      lines.add(line + " " + Kernel.xattrs(path));
    }
    lines.addAll(List.of(Shell.run(folder, DEVICES).split("\n", -1)));
    lines.addAll(List.of(Shell.run(folder, CONTENTS).split("\n", -1)));
    return lines;
  }
}
