package dev.longshore.cli.doctor;

import dev.longshore.cli.node.NodeAbility;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.oci.json.BoundedJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that was found out about a node.
 *
 * @param findings in the order in which they are told
 * @param device the kind that lazy layers would have
 */
public record Checkup(List<Finding> findings, Optional<DeviceKind> device) {

  /**
   * Looks at this node.
   *
   * @param root folder on the file system where layers will be
   * @param containerd folder of its configuration
   * @param mirror of the agent
   * @param snapshotter its socket
   */
  public static Checkup take(Path root, Path containerd, URI mirror, Path snapshotter)
      throws IOException {
    KernelCheck kernel =
        new KernelCheck(System.getProperty("os.version", ""), NodeAbility.isRoot(), root);
    List<Finding> findings = new ArrayList<>(kernel.run());
    findings.addAll(new ContainerdCheck(containerd, mirror, snapshotter).run());
    return new Checkup(List.copyOf(findings), kernel.device());
  }

  /** Whether everything that is needed is known to work. */
  public boolean isHealthy() {
    return findings.stream().noneMatch(Finding::isTrouble);
  }

  /** For machines. */
  public ObjectNode json() {
    ObjectNode root = BoundedJson.newObject();
    root.put("healthy", isHealthy());
    root.put("device", device.map(kind -> lower(kind)).orElse(null));
    ArrayNode checks = root.putArray("checks");
    for (Finding finding : findings) {
      checks
          .addObject()
          .put("check", finding.check())
          .put("state", lower(finding.state()))
          .put("found", finding.found())
          .put("advice", finding.advice());
    }
    return root;
  }

  /** For people. */
  public void print(PrintWriter out) {
    int width = findings.stream().mapToInt(finding -> finding.check().length()).max().orElse(0);
    for (Finding finding : findings) {
      out.printf(
          Locale.ROOT,
          "  %-7s  %-" + width + "s  %s%n",
          lower(finding.state()),
          finding.check(),
          finding.found());
      if (!finding.advice().isEmpty()) {
        out.println(" ".repeat(width + 13) + "-> " + finding.advice());
      }
    }
    out.println();
    long trouble = findings.stream().filter(Finding::isTrouble).count();
    out.println(
        trouble == 0
            ? "Everything that is needed works."
            : trouble + " of what is needed does not work or could not be tried.");
    out.flush();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
