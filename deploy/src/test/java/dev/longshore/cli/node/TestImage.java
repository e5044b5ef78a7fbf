package dev.longshore.cli.node;

import dev.longshore.cli.image.DemoImage;
import java.io.IOException;
import java.nio.file.Path;

/** The demo's image, built once for all node tests of a run and kept under {@code target}. */
public final class TestImage {
  /** The demo's cache while it is tested. */
  public static final Path CACHE = Path.of("target/test-image").toAbsolutePath();

  private TestImage() {}

  public static DemoImage get() throws IOException, InterruptedException {
    return DemoImage.buildOrReuse(CACHE, System.out::println);
  }
}
