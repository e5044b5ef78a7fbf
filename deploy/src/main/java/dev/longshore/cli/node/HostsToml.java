package dev.longshore.cli.node;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * containerd's {@code hosts.toml}: where it looks for a registry's images (containerd,
 * docs/hosts.md).
 */
public final class HostsToml {
  private HostsToml() {}

  /**
   * Makes {@code mirror} the first place for {@code registry} in the folder {@code certsDir}.
   *
   * @param registry the name in image references, as {@code registry.example} or {@code host:5000}
   * @param server where containerd goes when the mirror fails; the mirror itself for "nowhere else"
   */
  public static void write(Path certsDir, String registry, URI mirror, URI server)
      throws IOException {
    Path folder = Files.createDirectories(certsDir.resolve(registry));
    Files.writeString(
        folder.resolve("hosts.toml"),
        """
        server = "%s"

        [host."%s"]
          capabilities = ["pull", "resolve"]
        """
            .formatted(server, mirror));
  }
}
