package dev.longshore.cli.image;

import dev.longshore.cli.image.LayerEntry.CopiedFile;
import dev.longshore.cli.image.LayerEntry.Directory;
import dev.longshore.cli.image.LayerEntry.WrittenFile;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What goes into the demo image, layer by layer: a base with the C library, the JDK in two layers,
 * the libraries that Longshore uses, and Longshore itself.
 *
 * <p>The layers differ in size from a few hundred bytes to most of the image, as those of real
 * images do.
 */
final class ImageContent {
  static final String JDK = "opt/jdk";
  static final String LONGSHORE = "opt/longshore";

  private final SortedMap<String, Path> jdk;
  private final SortedMap<String, Path> classPath;
  private final Collection<Path> sharedLibraries;

  private ImageContent(
      SortedMap<String, Path> jdk,
      SortedMap<String, Path> classPath,
      Collection<Path> sharedLibraries) {
    this.jdk = jdk;
    this.classPath = classPath;
    this.sharedLibraries = sharedLibraries;
  }

  /** Looks at the JDK in {@code jdkHome} and at the jars and folders of {@code classPath}. */
  static ImageContent of(Path jdkHome, List<Path> classPath)
      throws IOException, InterruptedException {
    SortedMap<String, Path> jdk = new TreeMap<>();
    addTree(jdkHome, "", jdk);
    SortedMap<String, Path> own = new TreeMap<>();
    for (Path entry : classPath) {
      if (Files.isDirectory(entry)) {
        addTree(entry, "classes/", own);
      } else if (Files.exists(entry)) {
        own.put("lib/" + entry.getFileName(), entry);
      }
    }
    List<Path> binaries = new ArrayList<>(List.of(jdkHome.resolve("bin/java")));
    jdk.values().stream().filter(file -> file.toString().endsWith(".so")).forEach(binaries::add);
    return new ImageContent(
        jdk,
        own,
        SharedLibraries.neededBy(binaries).stream()
            .filter(library -> !library.startsWith(jdkHome))
            .toList());
  }

  /** Files under {@code root}, links followed; a link to nowhere is left out. */
  private static void addTree(Path root, String prefix, SortedMap<String, Path> into)
      throws IOException {
    try (Stream<Path> walk = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      walk.filter(Files::isRegularFile)
          .forEach(file -> into.put(prefix + root.relativize(file), file));
    }
  }

  /** The entries of each layer, from the bottom up, under a name for people. */
  Map<String, List<LayerEntry>> layers() {
    Map<String, List<LayerEntry>> layers = new LinkedHashMap<>();
    layers.put("base", base());
    layers.put("jdk-modules", files(JDK, jdk, name -> name.equals("lib/modules")));
    layers.put("jdk", files(JDK, jdk, name -> !name.equals("lib/modules")));
    layers.put("libraries", files(LONGSHORE, classPath, name -> !isOurs(name)));
    layers.put("longshore", files(LONGSHORE, classPath, ImageContent::isOurs));
    layers.put(
        "settings",
        List.of(new WrittenFile("etc/longshore-demo", "built from this machine's own files\n")));
    layers.values().removeIf(List::isEmpty);
    layers.replaceAll((_, entries) -> withParents(entries));
    return layers;
  }

  /** What {@link TreeSum} finds under {@link #LONGSHORE} in a container of this image. */
  String treeSum() throws IOException {
    return TreeSum.of(classPath);
  }

  /** Every file of this machine that is read, to tell whether an image that was built is stale. */
  List<Path> sources() {
    return Stream.of(jdk.values(), classPath.values(), sharedLibraries)
        .flatMap(Collection::stream)
        .toList();
  }

  private static boolean isOurs(String name) {
    return name.startsWith("classes/") || name.startsWith("lib/longshore-");
  }

  private List<LayerEntry> base() {
    List<LayerEntry> entries = new ArrayList<>();
    for (String directory : List.of("dev", "etc", "proc", "root", "run", "sys")) {
      entries.add(new Directory(directory, 0755));
    }
    entries.add(new Directory("tmp", 01777));
    entries.add(new WrittenFile("etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\n"));
    entries.add(new WrittenFile("etc/group", "root:x:0:\n"));
    for (Path library : sharedLibraries) {
      entries.add(new CopiedFile(library.toString().substring(1), 0755, library));
    }
    return entries;
  }

  private static List<LayerEntry> files(
      String under, SortedMap<String, Path> files, Predicate<String> wanted) {
    return files.entrySet().stream()
        .filter(file -> wanted.test(file.getKey()))
        .<LayerEntry>map(file ->
            new CopiedFile(
                under + "/" + file.getKey(),
                Files.isExecutable(file.getValue()) ? 0755 : 0644,
                file.getValue()))
        .toList();
  }

  /** The entries with every directory that leads to them, each once and before what is in it. */
  private static List<LayerEntry> withParents(List<LayerEntry> entries) {
    Map<String, LayerEntry> complete = new LinkedHashMap<>();
    for (LayerEntry entry : entries) {
      String path = entry.path();
      for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
        String parent = path.substring(0, slash);
        complete.putIfAbsent(parent, new Directory(parent, 0755));
      }
      complete.put(path, entry);
    }
    return List.copyOf(complete.values());
  }
}
