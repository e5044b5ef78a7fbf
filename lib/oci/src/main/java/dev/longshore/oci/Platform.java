package dev.longshore.oci;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an image of an index runs on (image-spec, image-index.md, "platform").
 *
 * @param os as Go's {@code GOOS}, {@code linux}
 * @param architecture as Go's {@code GOARCH}, {@code amd64}
 * @param variant of the CPU, {@code v8}; null when there is none
 * @param osVersion null except for Windows
 */
public record Platform(
    String os, String architecture, @Nullable String variant, @Nullable String osVersion) {

  /** A platform without variant. */
  public Platform(String os, String architecture) {
    this(os, architecture, null, null);
  }

  /**
   * Parses {@code os/architecture[/variant]}.
   *
   * @throws IllegalArgumentException if there are not two or three parts
   */
  public static Platform parse(String text) {
    String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new IllegalArgumentException(
          "not a platform: expected os/architecture[/variant] such as linux/arm64/v8, found '"
              + Excerpt.of(text)
              + "'");
    }
    for (String part : parts) {
      if (!part.matches("[a-z0-9_.-]{1,32}")) {
        throw new IllegalArgumentException("not a platform: '" + Excerpt.of(text) + "'");
      }
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : null, null);
  }

  /** Linux on this machine's architecture. */
  public static Platform current() {
    String arch = System.getProperty("os.arch", "amd64");
    return new Platform(
        "linux",
        switch (arch) {
          case "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> arch;
        });
  }

  /**
   * True when an image for {@code offered} is what this platform asks for. As in containerd, a
   * missing variant means the architecture's usual one ({@code arm64} is {@code v8}, {@code arm} is
   * {@code v7}), and the OS version only counts when it is asked for.
   */
  public boolean accepts(Platform offered) {
    return os.equals(offered.os)
        && architecture.equals(offered.architecture)
        && usualVariant().equals(offered.usualVariant())
        && (osVersion == null || Objects.equals(osVersion, offered.osVersion));
  }

  private String usualVariant() {
    if (variant != null && !variant.isEmpty()) {
      return architecture.equals("amd64") && variant.equals("v1") ? "" : variant;
    }
    return switch (architecture) {
      case "arm64" -> "v8";
      case "arm" -> "v7";
      default -> "";
    };
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant == null ? "" : "/" + variant);
  }
}
