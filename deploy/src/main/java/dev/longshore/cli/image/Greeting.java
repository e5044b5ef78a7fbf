package dev.longshore.cli.image;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What the demo image runs: proves, in one line, that every file of its own layers arrived whole.
 *
 * <p>It runs inside the container, with nothing but its own jar on hand.
 */
public final class Greeting {
  private Greeting() {}

  /** Hashes the files under {@code args[0]} and prints {@link #line}. */
  public static void main(String[] args) throws IOException {
    System.out.println(line(Runtime.version().toString(), TreeSum.of(Path.of(args[0]))));
  }

  static String line(String javaVersion, String treeSum) {
    return "Longshore demo image: Java " + javaVersion + ", content " + treeSum;
  }
}
